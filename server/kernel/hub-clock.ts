import type { Clock } from "./clock.ts";

/** A hub whose clock is further from Postgres's than this is not ready: its decisions would be dated wrongly. */
export const CLOCK_OFFSET_MS_MAX = 2_000;
/** A reading whose round trip was longer tells too little to move the clock. */
const ROUND_TRIP_MS_MAX = 1_000;
/** The share of a new reading in the offset; a single slow answer must not make time jump. */
const SMOOTHING = 0.2;

/** Hub time: Postgres's time by measured offset, so that all hubs of a database agree. */
export interface HubClock extends Clock {
  /** Takes a reading of the database's time, asked and answered at these monotonic times. */
  takeReading(databaseTime: number, asked: number, answered: number): void;
  /** How far this machine's clock is from the database's, in milliseconds; undefined before the first reading. */
  offsetMs(): number | undefined;
  /** Whether the offset is known and small enough to work with. */
  trusted(): boolean;
}

/** A hub clock over the machine's own. */
export function createHubClock(machine: Clock): HubClock {
  let offset: number | undefined;
  return {
    // Whole milliseconds: these times go into signed messages.
    now: () => Math.round(machine.now() + (offset ?? 0)),
    monotonic: () => machine.monotonic(),
    after: (delayMs, task) => machine.after(delayMs, task),
    takeReading: (databaseTime, asked, answered) => {
      if (answered - asked > ROUND_TRIP_MS_MAX) return;
      const sinceMiddle = machine.monotonic() - (asked + answered) / 2;
      const measured = databaseTime + sinceMiddle - machine.now();
      offset = offset === undefined ? measured : offset + (measured - offset) * SMOOTHING;
    },
    offsetMs: () => offset,
    trusted: () => offset !== undefined && Math.abs(offset) <= CLOCK_OFFSET_MS_MAX,
  };
}
