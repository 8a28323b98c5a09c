import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { seal, signingInput, type MessageByType, type MessageType } from "@portner/schema/mqtt";
import { z } from "zod";

/** An Ed25519 key pair as it lies on flash: raw bytes in base64url. The secret half never leaves the unit. */
export const KeyPair = z.strictObject({ publicKey: z.string(), secretKey: z.string() });
/** See {@link KeyPair}. */
export type KeyPair = z.infer<typeof KeyPair>;

/** Makes the unit's key pair, once in its life. */
export function makeKeyPair(): KeyPair {
  const { d = "", x = "" } = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  return { publicKey: x, secretKey: d };
}

/** Reads an Ed25519 public key of 32 raw bytes in base64url; `undefined` if it is none. */
export function readPublicKey(key: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: key }, format: "jwk" });
  } catch {
    return undefined;
  }
}

/** Reads a key pair from flash. */
export function readSecretKey(pair: KeyPair): KeyObject {
  const jwk = { kty: "OKP", crv: "Ed25519", x: pair.publicKey, d: pair.secretKey };
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** Whether `signature` is the key's over the ASCII text. */
export function isSignedBy(key: KeyObject, text: string, signature: Uint8Array): boolean {
  return verify(null, Buffer.from(text, "latin1"), key, signature);
}

/** A message signed with an Ed25519 key, ready for the wire. */
export function signMessage<Type extends MessageType>(
  type: Type,
  by: { readonly kid: string; readonly key: KeyObject },
  message: MessageByType[Type],
): Uint8Array {
  const text = signingInput(type, by.kid, message);
  return seal(text, sign(null, Buffer.from(text, "latin1"), by.key));
}

/** A message with the unit's MAC (HMAC-SHA256), ready for the wire. */
export function macMessage<Type extends MessageType>(
  type: Type,
  by: { readonly kid: string; readonly key: Uint8Array },
  message: MessageByType[Type],
): Uint8Array {
  const text = signingInput(type, by.kid, message);
  return seal(text, createHmac("sha256", by.key).update(text, "latin1").digest());
}

/** SHA-256 of a text or bytes, base64url. */
export function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url");
}
