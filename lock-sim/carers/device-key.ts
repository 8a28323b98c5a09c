import { createHash, createPrivateKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { z } from "zod";
import { SimulatorError } from "../ground/fault.ts";

/** An Ed25519 key pair as it lies in a phone's file: raw bytes in base64url. */
export const StoredKey = z.strictObject({
  publicKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  secretKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
/** See {@link StoredKey}. */
export type StoredKey = z.infer<typeof StoredKey>;

const Jwk = z.object({ x: z.string(), d: z.string() });

/** A new key pair for a phone. */
export function makeDeviceKey(): StoredKey {
  const { x, d } = Jwk.parse(generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }));
  return { publicKey: x, secretKey: d };
}

/** The signing half of a stored key. */
export function signingKey(stored: StoredKey): KeyObject {
  const jwk = { kty: "OKP", crv: "Ed25519", x: stored.publicKey, d: stored.secretKey };
  try {
    return createPrivateKey({ key: jwk, format: "jwk" });
  } catch (cause) {
    throw new SimulatorError("KEY_BROKEN", "a phone's stored key is no Ed25519 key", { cause });
  }
}

function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}

/**
 * The `portner-proof` header of one request: what is asked (`bd`), with which token (`ath`) and when (`iat`), signed
 * by the device's key, so that a stolen token alone opens nothing and a request can't be altered or kept for later.
 */
export function requestProof(
  key: KeyObject,
  request: { readonly token: string; readonly body: Uint8Array; readonly now: number },
): string {
  const claims = JSON.stringify({ iat: request.now, ath: sha256(request.token), bd: sha256(request.body) });
  const part = Buffer.from(claims).toString("base64url");
  return `${part}.${sign(null, Buffer.from(`proof.${part}`), key).toString("base64url")}`;
}
