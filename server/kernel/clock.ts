/** An instant: milliseconds since the Unix epoch, UTC. */
export type Instant = number;

/** Where time comes from. Handed in everywhere, so that a test or a simulated year can set it. */
export interface Clock {
  /** Wall time in milliseconds since the epoch. On a hub this is Postgres's time by measured offset. */
  now(): Instant;
  /** Milliseconds from an arbitrary start that never go back; for ages, time-outs and durations. */
  monotonic(): number;
  /** Calls `task` once after `delayMs`. The returned function cancels it; cancelling twice is harmless. */
  after(delayMs: number, task: () => void): () => void;
}

/** The machine's own clock. Timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs` of the given clock. */
export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve);
  });
}
