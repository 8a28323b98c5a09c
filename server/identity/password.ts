import { hash, verify } from "@node-rs/argon2";
import { BoundedGate, BusyError } from "./gate.ts";

/** Memory of one hash in KiB: OWASP's first choice for argon2id with two passes. */
const ARGON2_MEMORY_KIBIBYTES = 19_456;
const ARGON2_PASSES = 2;
const ARGON2_LANES = 1;

/** Shorter ones are guessed; longer ones only feed the hash. */
export const PASSWORD_CHARACTERS = { min: 10, max: 256 } as const;

/** Each takes a core for about 20 ms; the hub's other work must not wait for people who guess. */
const HASHES_AT_ONCE_MAX = 2;
/** Sign-ins that wait for a turn; a shift change at 07:00 is within it, a flood is not. */
const HASHES_WAITING_MAX = 200;

const OPTIONS = { memoryCost: ARGON2_MEMORY_KIBIBYTES, timeCost: ARGON2_PASSES, parallelism: ARGON2_LANES };

/** The gate that all passwords of a hub go through. */
export function gateForHashes(): BoundedGate {
  return new BoundedGate(HASHES_AT_ONCE_MAX, HASHES_WAITING_MAX);
}

/** Hashes and compares passwords, a few at a time. Hashing rejects with a {@link BusyError} when too many wait. */
export class Passwords {
  readonly #gate: BoundedGate;
  readonly #decoy: Promise<string>;

  constructor(gate: BoundedGate = gateForHashes()) {
    this.#gate = gate;
    this.#decoy = this.hash("nobody's password, compared for its time");
  }

  /** The argon2id hash of a password, with its parameters and salt in it. */
  hash(password: string): Promise<string> {
    return this.#gate.run(() => hash(password.normalize("NFC"), OPTIONS));
  }

  /** Compares; `busy` when too many wait. Without a hash it compares with a decoy, so that an unknown login takes as long as a wrong password. */
  async matches(password: string, stored: string | undefined): Promise<boolean | "busy"> {
    const against = stored ?? (await this.#decoy);
    try {
      const right = await this.#gate.run(() => verify(against, password.normalize("NFC")));
      return right && stored !== undefined;
    } catch (error) {
      if (error instanceof BusyError) return "busy";
      throw error;
    }
  }
}
