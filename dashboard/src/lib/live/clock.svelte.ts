/** The hub's time as this page last learned it. */
export interface TimeSample {
  /** Milliseconds since 1970 by the hub's clock. */
  readonly hubMs: number;
  /** What the page's own monotonic clock showed then. */
  readonly atMs: number;
  /** By how much the sample may be off. */
  readonly errorMs: number;
}

/** A clock that drifts this far may be off by as much; then a fresh sample counts whatever its own error. */
const DRIFT_PER_MS = 0.000_2;

/**
 * The hub's time, ticking. It counts on from the hub's own word by the page's monotonic clock, so that a wrong clock on
 * the viewer's machine changes no age on the screen.
 */
export class LiveClock {
  /** The hub's time at the last tick, in milliseconds since 1970. */
  nowMs: number = $state(0);
  readonly #monotonic: () => number;
  #sample: TimeSample;

  constructor(hubMs: number, monotonic: () => number) {
    this.#monotonic = monotonic;
    this.#sample = { hubMs, atMs: monotonic(), errorMs: Number.POSITIVE_INFINITY };
    this.nowMs = hubMs;
  }

  /** The hub's time now, between two ticks too. */
  exactMs(): number {
    return this.#sample.hubMs + (this.#monotonic() - this.#sample.atMs);
  }

  /** Takes what the hub just said, if it is surer than what is known. `tookMs`: from the question to the answer. */
  correct(hubMs: number, tookMs: number): void {
    const atMs = this.#monotonic();
    const errorMs = tookMs / 2;
    const knownErrorMs = this.#sample.errorMs + (atMs - this.#sample.atMs) * DRIFT_PER_MS;
    if (errorMs > knownErrorMs) return;
    this.#sample = { hubMs: hubMs + errorMs, atMs, errorMs };
    this.tick();
  }

  /** Forgets how sure it was: a machine that slept may have stopped its monotonic clock. */
  doubt(): void {
    this.#sample = { ...this.#sample, errorMs: Number.POSITIVE_INFINITY };
  }

  /** Shows the time anew; called about once a second. */
  tick(): void {
    this.nowMs = this.exactMs();
  }

  /** Age of an instant, at least 0, by the last tick. */
  ageMs(instant: string | number): number {
    const at = typeof instant === "number" ? instant : Date.parse(instant);
    return Math.max(0, this.nowMs - at);
  }
}
