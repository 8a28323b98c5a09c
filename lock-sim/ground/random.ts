import { randomBytes } from "node:crypto";

/** Where chance comes from. Keys and challenges take the operating system's; behaviours and tests may take a seeded one. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/** Cryptographically strong bytes of the operating system. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length) };

/** A repeatable source (mulberry32) for tests and behaviours; never for keys. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const word = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return { bytes: (length) => Uint8Array.from({ length }, () => word() & 0xff) };
}

/** A fraction, 0 ≤ x < 1, with 32 bits of chance. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (a * 16_777_216 + b * 65_536 + c * 256 + d) / 4_294_967_296;
}

/** A number between `low` and `high`. */
export function between(random: Random, low: number, high: number): number {
  return low + fraction(random) * (high - low);
}
