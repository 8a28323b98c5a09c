import type { Clock } from "../../kernel/clock.ts";
import { TokenBucket } from "../../kernel/token-bucket.ts";

/**
 * Buckets kept at once: every carer, screen and integrator of a large city twice over. A full bucket says no more than
 * none at all, so forgetting the fullest forgives the least.
 */
export const BUCKETS_MAX = 20_000;
/** Buckets dropped at a time, so that looking for the fullest is done seldom. */
const DROPPED_SHARE = 0.1;

/** How much a bucket holds and how fast it fills. */
export interface Measure {
  readonly capacity: number;
  readonly restorePerSecond: number;
}

/** Whether something was taken, and how the bucket stands. */
export interface Taken {
  readonly ok: boolean;
  /** What is left, rounded down. */
  readonly available: number;
  /** When there will be enough; 0 when it was taken. */
  readonly waitMs: number;
}

/** Token buckets by name, each full at first. */
export class Buckets {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(clock: Clock, max: number = BUCKETS_MAX) {
    this.#clock = clock;
    this.#max = max;
  }

  /** How many buckets are remembered. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes an amount, or nothing of it. `measure` counts when the bucket is new. */
  take(name: string, { capacity, restorePerSecond }: Measure, amount: number): Taken {
    const now = this.#clock.monotonic();
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#max) this.#dropFullest(now);
      bucket = new TokenBucket({ burst: capacity, perSecond: restorePerSecond }, now);
      this.#buckets.set(name, bucket);
    }
    // More than a bucket holds would never be had.
    const wanted = Math.min(amount, capacity);
    const ok = bucket.take(now, wanted);
    return { ok, available: Math.floor(bucket.left(now)), waitMs: ok ? 0 : bucket.waitMs(now, wanted) };
  }

  /** When an amount will be there; 0 when it is, as in a bucket that is not remembered. */
  waitMs(name: string, amount: number): number {
    return this.#buckets.get(name)?.waitMs(this.#clock.monotonic(), amount) ?? 0;
  }

  #dropFullest(now: number): void {
    const byFullness = [...this.#buckets].map(([name, bucket]) => ({ name, share: bucket.fullness(now) }));
    byFullness.sort((one, other) => other.share - one.share);
    const dropped = Math.max(1, Math.floor(this.#max * DROPPED_SHARE));
    for (const { name, share: full } of byFullness) {
      if (full < 1 && this.#buckets.size <= this.#max - dropped) return;
      this.#buckets.delete(name);
    }
  }
}
