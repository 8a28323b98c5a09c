import { setTimeout as delay } from "node:timers/promises";

const STOP_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What asked a process to end. */
export interface StopRequest {
  readonly signal: (typeof STOP_SIGNALS)[number];
}

/**
 * Resolves at the first Ctrl-C, `kill` or closed terminal. Further ones change nothing: the end is under way, and a
 * second Ctrl-C must not cut off what the first one began.
 */
export function untilAsked(): Promise<StopRequest> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.on(signal, () => resolve({ signal }));
  });
}

/** Waits for `task`, but no longer than this; answers whether it came to its end. Rejects as it does. */
export async function within(limitMs: number, task: Promise<unknown>): Promise<boolean> {
  const ended = new AbortController();
  // A timer that counts: with nothing else to do the process would end before its time, and before the rest of the end.
  const late = delay(limitMs, false, { signal: ended.signal }).catch(() => false);
  try {
    return await Promise.race([task.then(() => true), late]);
  } finally {
    ended.abort();
  }
}
