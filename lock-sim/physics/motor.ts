import type { Clock } from "../ground/clock.ts";
import { between, fraction, type Random } from "../ground/random.ts";
import type { Effects } from "../behaviours/effects.ts";

/** Travel from end to end by a new motor on fresh cells, in milliseconds; throwing is a little easier. */
const TRAVEL_MS = { withdrawn: 1_200, thrown: 1_100 } as const;
/** How much one run differs from another, as a factor to either side. */
const TRAVEL_SPREAD = 0.1;
/** A run that starts where it should end only takes up the slack, in milliseconds. */
const NUDGE_MS = 150;
/** How long the motor pushes against a resistance before it gives up, in milliseconds. */
const STALL_MS = 400;

/** How one leg will go. */
export interface Travel {
  readonly outcome: "arrived" | "stalled";
  readonly durationMs: number;
}

/** Decides how a leg goes: chance and wear, not the firmware, know. */
export function planTravel(
  leg: { readonly towards: "withdrawn" | "thrown"; readonly isThere: boolean; readonly isTooWeak: boolean },
  deps: { readonly random: Random; readonly effects: Effects },
): Travel {
  const { random, effects } = deps;
  const fullMs = TRAVEL_MS[leg.towards] * effects.travelFactor * between(random, 1 - TRAVEL_SPREAD, 1 + TRAVEL_SPREAD);
  if (leg.isTooWeak || fraction(random) < effects.jamChance) {
    return { outcome: "stalled", durationMs: Math.round(fullMs * fraction(random) + STALL_MS) };
  }
  return { outcome: "arrived", durationMs: Math.round(leg.isThere ? NUDGE_MS : fullMs) };
}

/** Lets a motor travel; `cut` ends it where it is, without a word, as a loss of power does. */
export class Motor {
  readonly #clock: Clock;
  #cancel: (() => void) | undefined;
  #done: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves `true` when the time is over, `false` when it was cut. */
  travel(durationMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      this.#cancel = this.#clock.after(durationMs, () => resolve(true));
      this.#done = () => resolve(false);
    });
  }

  cut(): void {
    this.#cancel?.();
    this.#done?.();
  }
}
