import type { Clock, Instant } from "./clock.ts";

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
  /** How far this machine's clock is from the database's now, in milliseconds; undefined before the first reading. */
  offsetMs(): number | undefined;
  /** Whether the offset is known and small enough to work with. */
  trusted(): boolean;
}

/**
 * A hub clock over the machine's own. Between readings it goes by the monotonic clock, which nobody can set: a step of
 * the wall clock moves no hub time, and is seen in the offset at the very next use. So is a machine that slept, whose
 * monotonic clock stood still; then the next reading counts whole, since what was measured before is worth nothing.
 */
export function createHubClock(machine: Clock): HubClock {
  /** Postgres's time where the monotonic clock shows zero. */
  let origin: number | undefined;
  let isSevered = false;
  const hubTime = (): Instant => (origin === undefined ? machine.now() : origin + machine.monotonic());
  const offsetMs = (): number | undefined => {
    const offset = origin === undefined ? undefined : hubTime() - machine.now();
    if (offset !== undefined && Math.abs(offset) > CLOCK_OFFSET_MS_MAX) isSevered = true;
    return offset;
  };
  return {
    // Whole milliseconds: these times go into signed messages.
    now: () => Math.round(hubTime()),
    monotonic: () => machine.monotonic(),
    after: (delayMs, task) => machine.after(delayMs, task),
    takeReading: (databaseTime, asked, answered) => {
      if (answered - asked > ROUND_TRIP_MS_MAX) return;
      const measured = databaseTime - (asked + answered) / 2;
      offsetMs();
      origin = origin === undefined || isSevered ? measured : origin + (measured - origin) * SMOOTHING;
      isSevered = false;
    },
    offsetMs,
    trusted: () => Math.abs(offsetMs() ?? Number.POSITIVE_INFINITY) <= CLOCK_OFFSET_MS_MAX,
  };
}
