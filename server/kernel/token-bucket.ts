/** How much may happen: in the long run, and at once after a rest. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Counts what may still happen at a rate. Starts full. Times are monotonic, in milliseconds. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /** Takes an amount, or nothing of it: then false. */
  take(now: number, amount = 1): boolean {
    this.#fill(now);
    if (this.#tokens < amount) return false;
    this.#tokens -= amount;
    return true;
  }

  /** What is left, between 0 and the burst. */
  left(now: number): number {
    this.#fill(now);
    return this.#tokens;
  }

  /** Milliseconds until an amount is there; 0 when it is. For more than the burst it would be a wait for ever. */
  waitMs(now: number, amount: number): number {
    return Math.max(0, Math.ceil(((amount - this.left(now)) / this.#rate.perSecond) * 1_000));
  }

  /** How full it is, from 0 to 1. A full one is as it was at the beginning, so that nothing is lost by forgetting it. */
  fullness(now: number): number {
    return this.left(now) / this.#rate.burst;
  }

  #fill(now: number): void {
    const { perSecond, burst } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) * perSecond) / 1_000);
    this.#at = now;
  }
}
