import { CHALLENGE_LIFE_MS, toBase64url } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";
import type { Random } from "../ground/random.ts";

/** Challenges alive at once; a door has one person in front of it, and a hub needs one a command. */
export const CHALLENGES_MAX = 4;
const CHALLENGE_BYTES = 16;

/** What a challenge was made for; it is good for nothing else. */
export type ChallengePurpose =
  | { readonly kind: "time" }
  | { readonly kind: "command" }
  | { readonly kind: "credential"; readonly cred: string }
  | { readonly kind: "touch" };

interface Made {
  readonly purpose: ChallengePurpose;
  readonly madeAt: number;
}

/** The lock's own random challenges: each for one purpose, for one use, for ten seconds; they die with the power. */
export class Challenges {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #alive = new Map<string, Made>();

  constructor(deps: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** A fresh challenge; `undefined` when too many of this kind are alive. A new one for time replaces the old. */
  make(purpose: ChallengePurpose): string | undefined {
    this.#expire();
    const alike = [...this.#alive].filter(([, made]) => made.purpose.kind === purpose.kind);
    if (purpose.kind === "time") for (const [challenge] of alike) this.#alive.delete(challenge);
    else if (alike.length >= CHALLENGES_MAX) return undefined;
    return this.#keep(toBase64url(this.#random.bytes(CHALLENGE_BYTES)), purpose);
  }

  /** Takes a challenge out of use. Its purpose and age in milliseconds if it was alive and of that kind. */
  spend<Kind extends ChallengePurpose["kind"]>(
    challenge: string,
    kind: Kind,
  ): { readonly purpose: Extract<ChallengePurpose, { kind: Kind }>; readonly ageMs: number } | undefined {
    this.#expire();
    const made = this.#alive.get(challenge);
    if (made === undefined || !isOfKind(made.purpose, kind)) return undefined;
    this.#alive.delete(challenge);
    return { purpose: made.purpose, ageMs: this.#clock.monotonic() - made.madeAt };
  }

  #keep(challenge: string, purpose: ChallengePurpose): string {
    this.#alive.set(challenge, { purpose, madeAt: this.#clock.monotonic() });
    return challenge;
  }

  #expire(): void {
    const oldest = this.#clock.monotonic() - CHALLENGE_LIFE_MS;
    for (const [challenge, made] of this.#alive) if (made.madeAt < oldest) this.#alive.delete(challenge);
  }
}

function isOfKind<Kind extends ChallengePurpose["kind"]>(
  purpose: ChallengePurpose,
  kind: Kind,
): purpose is Extract<ChallengePurpose, { kind: Kind }> {
  return purpose.kind === kind;
}
