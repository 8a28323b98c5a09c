import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import type { Sealing } from "../kernel/sealing.ts";

/** What a tenant's key is for. `telemetry` is a shared secret, the others sign. */
export const KEY_PURPOSES = ["root", "command", "permit", "telemetry"] as const;
/** See {@link KEY_PURPOSES}. */
export type KeyPurpose = (typeof KEY_PURPOSES)[number];

/** A tenant's key as it is stored: its secret sealed, its public part, if any, as 32 raw bytes. */
export interface StoredTenantKey {
  readonly purpose: KeyPurpose;
  readonly kid: string;
  readonly publicKey: Uint8Array | null;
  readonly sealedSecret: Uint8Array;
}

/** A tenant's key as the hub uses it; never shown, logged or stored like this. */
export interface TenantKey {
  readonly purpose: KeyPurpose;
  /** Random, 8–36 lower-case letters, digits and hyphens. */
  readonly kid: string;
  /** Ed25519 public key, 32 raw bytes; null for `telemetry`. */
  readonly publicKey: Uint8Array | null;
  /** Ed25519 private seed, or the shared secret: 32 raw bytes. */
  readonly secret: Uint8Array;
}

const SECRET_BYTES = 32;
/** PKCS #8 frame of an Ed25519 seed (RFC 8410). */
const PKCS8_FRAME = Buffer.from("302e020100300506032b657004220420", "hex");

/** The private key of an Ed25519 seed of 32 bytes. */
export function signingKey(seed: Uint8Array): KeyObject {
  if (seed.length !== SECRET_BYTES) throw new InvariantError(`an Ed25519 seed has 32 bytes, not \`${seed.length}\``);
  return createPrivateKey({ key: Buffer.concat([PKCS8_FRAME, seed]), format: "der", type: "pkcs8" });
}

function publicKeyOf(seed: Uint8Array): Uint8Array {
  const { x } = createPublicKey(signingKey(seed)).export({ format: "jwk" });
  if (x === undefined) throw new InvariantError("an Ed25519 key without a public part");
  return Buffer.from(x, "base64url");
}

function sealContext(kid: string, purpose: string): string {
  return `tenant-key:${purpose}:${kid}`;
}

/** Makes a new tenant's keys, one for each purpose. */
export function makeTenantKeys(deps: { readonly random: Random; readonly sealing: Sealing }): StoredTenantKey[] {
  return KEY_PURPOSES.map((purpose) => {
    const kid = newId(deps.random);
    const secret = deps.random.bytes(SECRET_BYTES);
    const publicKey = purpose === "telemetry" ? null : publicKeyOf(secret);
    return { purpose, kid, publicKey, sealedSecret: deps.sealing.seal(secret, sealContext(kid, purpose)) };
  });
}

/** Opens a stored key. Throws PortnerError `SEAL_BROKEN` when it was sealed with another hub's key. */
export function openTenantKey(sealing: Sealing, stored: StoredTenantKey): TenantKey {
  const { purpose, kid, publicKey, sealedSecret } = stored;
  return { purpose, kid, publicKey, secret: sealing.open(sealedSecret, sealContext(kid, purpose)) };
}
