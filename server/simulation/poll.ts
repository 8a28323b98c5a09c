import { setTimeout as sleep } from "node:timers/promises";

/** Short enough to be lost in the noise of a process start, long enough not to be the noise. */
const PAUSE_MS = 10;

/** Asks again until the condition holds (true) or the time is up (false). */
export async function pollUntil(condition: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    if (await condition()) return true;
    if (performance.now() > deadline) return false;
    await sleep(PAUSE_MS);
  }
}
