import { createHash, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { InvariantError } from "../kernel/errors.ts";

/**
 * Slowing a guess down is pointless against 256 random bits, while every extra round is paid again by each of
 * thousands of locks that reconnect at once after an outage; so one round.
 */
const PBKDF2_ITERATIONS = 1;
const PBKDF2_HASH_BYTES = 64;
const SHA256_BYTES = 32;

/**
 * A salt keeps a table of likely passwords from fitting many users; there is no table of 256 random bits. One salt for
 * all lets a digest alone be stored, as bytes. Mosquitto wants it to be twelve bytes.
 */
const SALT = Buffer.from("portner.lock");

/** Rounds that we accept from elsewhere; more would let one line of the file stall the broker at every connect. */
const PBKDF2_ITERATIONS_MAX = 1_000;

const SHA256_FORM = /^sha256:([0-9a-f]{64})$/;
const MOSQUITTO_FORM = /^\$7\$([1-9][0-9]{0,3})\$([A-Za-z0-9+/]{8,64}={0,2})\$([A-Za-z0-9+/]{86}==)$/;

/**
 * What is stored of a secret for the broker: 64 bytes, PBKDF2 with SHA-512, the only digest from which both brokers'
 * verifiers can be written (Mosquitto knows no SHA-256). The secret must be 256 random bits.
 */
export function brokerDigest(secret: string): Uint8Array {
  return pbkdf2Sync(secret, SALT, PBKDF2_ITERATIONS, PBKDF2_HASH_BYTES, "sha512");
}

/**
 * The verifier that goes into a credential: in Mosquitto's form from a `brokerDigest`, good for both brokers; from a
 * SHA-256 digest a form that only the embedded broker can check. Throws for a digest of another length.
 */
export function verifierOfDigest(digest: Uint8Array): string {
  const bytes = Buffer.from(digest);
  if (bytes.length === SHA256_BYTES) return `sha256:${bytes.toString("hex")}`;
  if (bytes.length !== PBKDF2_HASH_BYTES) throw new InvariantError(`a digest of ${bytes.length} bytes is none of ours`);
  return `$7$${PBKDF2_ITERATIONS}$${SALT.toString("base64")}$${bytes.toString("base64")}`;
}

/** Whether the text is a verifier of either form. */
export function isVerifier(text: string): boolean {
  const rounds = MOSQUITTO_FORM.exec(text)?.[1];
  return SHA256_FORM.test(text) || (rounds !== undefined && Number(rounds) <= PBKDF2_ITERATIONS_MAX);
}

/** Whether Mosquitto can check this verifier. */
export function isMosquittoVerifier(text: string): boolean {
  return MOSQUITTO_FORM.test(text) && isVerifier(text);
}

/** Compares in constant time; `false` for a verifier of no known form. */
export function verifies(verifier: string, secret: Uint8Array): boolean {
  const hex = SHA256_FORM.exec(verifier)?.[1];
  if (hex !== undefined) {
    return timingSafeEqual(createHash("sha256").update(secret).digest(), Buffer.from(hex, "hex"));
  }
  const [, rounds, salt, hash] = MOSQUITTO_FORM.exec(verifier) ?? [];
  if (rounds === undefined || salt === undefined || hash === undefined) return false;
  const given = pbkdf2Sync(secret, Buffer.from(salt, "base64"), Number(rounds), PBKDF2_HASH_BYTES, "sha512");
  return timingSafeEqual(given, Buffer.from(hash, "base64"));
}
