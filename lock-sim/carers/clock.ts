import { setTimeout as wait } from "node:timers/promises";

/** Time as people and their phones have it. */
export interface WallClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
  pause(delayMs: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const wallClock: WallClock = {
  now: () => Date.now(),
  pause: async (delayMs, signal) => {
    await wait(delayMs, undefined, { signal }).catch(() => undefined);
  },
};
