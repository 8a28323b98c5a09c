import { createHash, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import type { Random } from "../kernel/random.ts";

/**
 * Slowing a guess down is pointless against 256 random bits, while every extra round is paid again by each of
 * thousands of locks that reconnect at once after an outage; so one round.
 */
const PBKDF2_ITERATIONS = 1;
const PBKDF2_HASH_BYTES = 64;
const SALT_BYTES = 12;

/** Rounds that we accept from elsewhere; more would let one line of the file stall the broker at every connect. */
const PBKDF2_ITERATIONS_MAX = 1_000;

const SHA256_FORM = /^sha256:([0-9a-f]{64})$/;
const MOSQUITTO_FORM = /^\$7\$([1-9][0-9]{0,3})\$([A-Za-z0-9+/]{8,64}={0,2})\$([A-Za-z0-9+/]{86}==)$/;

/** What a broker keeps of a machine secret, from SHA-256 alone: enough for the embedded broker, not for Mosquitto. */
export function sha256Verifier(sha256: Uint8Array): string {
  return `sha256:${Buffer.from(sha256).toString("hex")}`;
}

/** What a broker keeps of a machine secret, in the form of Mosquitto's password file; both brokers can check it. */
export function mosquittoVerifier(secret: string, random: Random): string {
  const salt = Buffer.from(random.bytes(SALT_BYTES));
  const hash = pbkdf2Sync(secret, salt, PBKDF2_ITERATIONS, PBKDF2_HASH_BYTES, "sha512");
  return `$7$${PBKDF2_ITERATIONS}$${salt.toString("base64")}$${hash.toString("base64")}`;
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
