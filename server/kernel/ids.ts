import { createHash, hash as hashAtOnce } from "node:crypto";
import type { Random } from "./random.ts";

const HEX_GROUPS = [8, 12, 16, 20] as const;

function toUuid(bytes: Uint8Array, version: number): string {
  const b = bytes.slice(0, 16);
  b[6] = ((b[6] ?? 0) & 0x0f) | (version << 4);
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(b).toString("hex");
  return [0, ...HEX_GROUPS].map((start, i) => hex.slice(start, HEX_GROUPS[i])).join("-");
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text has the form of the identities made here; anything else would make Postgres throw. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A random identity (UUID v4). Made before the first attempt, so that a retry carries the same one. */
export function newId(random: Random): string {
  return toUuid(random.bytes(16), 4);
}

/**
 * The identity that belongs to these parts: the same parts always give the same UUID (v8, SHA-256).
 * Used where two hubs, or two attempts, must arrive at one row. Parts are length-framed, so ("a","bc") ≠ ("ab","c").
 */
export function derivedId(...parts: readonly (string | number)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const text = String(part);
    hash.update(`${text.length}:${text};`);
  }
  return toUuid(hash.digest(), 8);
}

/** A secret of 256 random bits, base64url without padding (43 characters). */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString("base64url");
}

/** SHA-256 of a machine secret, the only form in which it is stored. */
export function digestOfSecret(secret: string): Buffer {
  return hashAtOnce("sha256", secret, "buffer");
}
