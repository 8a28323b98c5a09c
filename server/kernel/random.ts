import { randomBytes } from "node:crypto";

/** Where chance comes from. Production uses the operating system; tests hand in a seeded source. */
export interface Random {
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/** Cryptographically strong bytes of the operating system. */
export const systemRandom: Random = { bytes: (length) => randomBytes(length) };
