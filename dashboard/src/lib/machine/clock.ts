/** Where the dashboard takes time and chance from. */
export interface Clock {
  /** Milliseconds since 1970 by this machine's clock. */
  nowMs(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs(): number;
  /** A number from 0 to 1. */
  chance(): number;
}

/** The machine's own. */
export function createClock(): Clock {
  return { nowMs: () => Date.now(), monotonicMs: () => performance.now(), chance: () => Math.random() };
}
