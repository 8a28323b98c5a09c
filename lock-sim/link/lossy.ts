import type { Effects } from "../behaviours/effects.ts";
import type { Clock } from "../ground/clock.ts";
import { between, fraction, type Random } from "../ground/random.ts";

/** How far a message may fall behind those sent after it, in milliseconds. */
const OVERTAKEN_MS = [20, 400] as const;

/** The air between a lock and its gateway: mostly delivers, sometimes not, sometimes twice, sometimes late, sometimes broken. */
export class Lossy {
  readonly #deps: { readonly clock: Clock; readonly random: Random; readonly effects: () => Effects };

  constructor(deps: { readonly clock: Clock; readonly random: Random; readonly effects: () => Effects }) {
    this.#deps = deps;
  }

  /** Delivers by the chances of the moment. */
  pass(deliver: () => void): void {
    const { random, effects } = this.#deps;
    const { isSilent, dropChance, duplicateChance, reorderChance } = effects();
    if (isSilent || fraction(random) < dropChance) return;
    this.#soonOrLate(deliver, reorderChance);
    if (fraction(random) < duplicateChance) this.#soonOrLate(deliver, reorderChance);
  }

  /** What is left of a message's bytes on their way: a copy, with one bit turned over by the chance of the moment. */
  garbled(payload: Uint8Array): Buffer {
    const { random, effects } = this.#deps;
    const bytes = Buffer.from(payload);
    if (bytes.length === 0 || fraction(random) >= effects().garbleChance) return bytes;
    const bit = Math.floor(fraction(random) * bytes.length * 8);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    return bytes;
  }

  #soonOrLate(deliver: () => void, reorderChance: number): void {
    const { clock, random } = this.#deps;
    if (fraction(random) >= reorderChance) return deliver();
    clock.after(between(random, OVERTAKEN_MS[0], OVERTAKEN_MS[1]), deliver);
  }
}
