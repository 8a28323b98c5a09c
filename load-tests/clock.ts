/** Milliseconds from an arbitrary start that never go back. */
export function monotonic(): number {
  return performance.now();
}

/** Wall time in milliseconds since the epoch, whole ones: the resolution that simulated locks witness their motors with. */
export function wallTime(): number {
  return Date.now();
}

/** Resolves after `delayMs`. */
export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
