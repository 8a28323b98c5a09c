import { z } from "zod";

/**
 * What an identifier in a topic or a message looks like: 8–36 characters, lower-case letters, digits, hyphens; random,
 * unique over all tenants, never personal data. UUIDs fit.
 */
export const IDENTIFIER_PATTERN = /^[a-z0-9-]{8,36}$/;

/** An identifier of a tenant, lock, unit, command, credential, permit, bundle, path or key. */
export const Identifier = z.string().regex(IDENTIFIER_PATTERN);

/** An instant in messages: whole milliseconds since the Unix epoch, UTC, up to the year 2100. */
export const Instant = z.int().min(0).max(4_102_444_800_000);

/** A credential's generation, 1 and up. A lock that denies generation g refuses g and everything below. */
export const Generation = z.int().min(1).max(2_147_483_647);

/** How often a unit has started since it was commissioned, 1 and up; kept on flash. */
export const Boot = z.int().min(1).max(2_147_483_647);

/** An event's number within a boot, 1 and up, without gaps as made. */
export const Sequence = z.int().min(1).max(9_007_199_254_740_991);

/** A random challenge of 128 bits, base64url without padding. */
export const Challenge = z.string().regex(/^[A-Za-z0-9_-]{22}$/);

/** An Ed25519 public key: its 32 raw bytes, base64url without padding. */
export const PublicKey = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** An Ed25519 signature: its 64 raw bytes, base64url without padding. */
export const Signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);

/** A SHA-256 digest: its 32 raw bytes, base64url without padding. */
export const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** The version of the message set that this contract describes. */
export const MessageVersion = z.literal(1);
