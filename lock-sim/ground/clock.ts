/** A lock's sense of time: an oscillator, no calendar. What o'clock it is, a lock learns only from a signed answer. */
export interface Clock {
  /** Milliseconds from an arbitrary start that never go back. */
  monotonic(): number;
  /** Calls `task` once after `delayMs`. The returned function cancels it; cancelling twice is harmless. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's oscillator. Timers keep the process alive until they are cancelled. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What o'clock it is in the world around the locks, in milliseconds since the epoch. The locks themselves never see it. */
export function wallTime(): number {
  return Date.now();
}

/**
 * An oscillator that runs fast by `ppm` parts per million (slow when negative). The rate may change while it runs;
 * what has passed keeps the rate it passed at. Timers are not bent: at 1,000 ppm that would be 60 ms in a minute.
 */
export function bentClock(clock: Clock, ppm: () => number): Clock {
  let seen = clock.monotonic();
  let shown = seen;
  return {
    monotonic: () => {
      const now = clock.monotonic();
      shown += (now - seen) * (1 + ppm() / 1_000_000);
      seen = now;
      return shown;
    },
    after: (delayMs, task) => clock.after(delayMs, task),
  };
}
