/** A process whose owner is gone has nobody to wait for: what does not end by then is ended. */
const STOP_MS_MAX = 5_000;

/**
 * Ends this process when its standard input ends, so that it never outlives the process at the other end, not even one
 * that was killed. `stop` is called first, once.
 */
export function endWithInput(stop: () => void): void {
  const ended = new AbortController();
  const end = (): void => {
    if (ended.signal.aborted) return;
    ended.abort();
    stop();
    setTimeout(() => process.exit(1), STOP_MS_MAX).unref();
  };
  process.stdin.on("end", end).on("close", end).resume();
  // Being tied is no reason to live on when the work is done.
  process.stdin.unref();
}
