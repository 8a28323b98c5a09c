import { CLOCK_SKEW_MS_MAX } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";

/** How wrong the oscillator may be by its data sheet, in parts per million; a common crystal over the whole year. */
export const CRYSTAL_PPM = 100;
/** Above this bound of its error a clock is not trusted, in milliseconds: the skew that commands allow for. */
export const TRUSTED_ERROR_MS_MAX = CLOCK_SKEW_MS_MAX;
/** Error that an unset clock reports, in milliseconds: the most the contract can say. */
const UNKNOWN_ERROR_MS = 86_400_000;

/** Wall time as a lock knows it: taken from a signed answer, carried on by the oscillator, doubted as it grows old. */
export class LockTime {
  readonly #clock: Clock;
  readonly #crystalPpm: () => number;
  #base: number;
  #baseMonotonic: number;
  #answerErrorMs: number | undefined;

  /** Starts untrusted, counting on from the highest time ever known. */
  constructor(deps: { readonly clock: Clock; readonly crystalPpm: () => number; readonly floor: number }) {
    this.#clock = deps.clock;
    this.#crystalPpm = deps.crystalPpm;
    this.#base = deps.floor;
    this.#baseMonotonic = deps.clock.monotonic();
  }

  /** Best estimate, in milliseconds since the epoch; means little while untrusted. */
  now(): number {
    return Math.round(this.#base + this.#clock.monotonic() - this.#baseMonotonic);
  }

  /** Bound of the error, in milliseconds. */
  errorMs(): number {
    if (this.#answerErrorMs === undefined) return UNKNOWN_ERROR_MS;
    const ageMs = this.#clock.monotonic() - this.#baseMonotonic;
    return Math.min(UNKNOWN_ERROR_MS, Math.ceil(this.#answerErrorMs + (ageMs * this.#crystalPpm()) / 1_000_000));
  }

  isTrusted(): boolean {
    return this.errorMs() <= TRUSTED_ERROR_MS_MAX;
  }

  /** Takes the hub's time, signed somewhere in a round trip of `roundTripMs` that ends now. */
  take(now: number, roundTripMs: number): void {
    this.#base = now + roundTripMs / 2;
    this.#baseMonotonic = this.#clock.monotonic();
    this.#answerErrorMs = Math.ceil(roundTripMs / 2) + 1;
  }

  /** How long until the error bound reaches `errorMs`, in milliseconds; 0 when it already has. */
  untilError(errorMs: number): number {
    return Math.max(0, ((errorMs - this.errorMs()) * 1_000_000) / this.#crystalPpm());
  }
}
