import { VERIFICATIONS_PER_SECOND_MAX } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";

/** Verifications that may come at once after a quiet time: a reconnect brings cfg, deny, time, an ack and a command. */
export const VERIFICATIONS_BURST = 15;
/** Verifications kept back for commands and answers, so that a flood of acks or documents can't starve a door. */
export const VERIFICATIONS_RESERVED = 5;

/** How many signatures the processor may still verify: a bucket that fills at a steady rate. */
export class VerificationBudget {
  readonly #clock: Clock;
  #left = VERIFICATIONS_BURST;
  #filledAt: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#filledAt = clock.monotonic();
  }

  /** Takes one, if more than `reserve` are left. */
  take(reserve: number): boolean {
    const now = this.#clock.monotonic();
    const filled = this.#left + ((now - this.#filledAt) * VERIFICATIONS_PER_SECOND_MAX) / 1_000;
    this.#left = Math.min(VERIFICATIONS_BURST, filled);
    this.#filledAt = now;
    if (this.#left < reserve + 1) return false;
    this.#left -= 1;
    return true;
  }
}
