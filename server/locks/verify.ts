import { createHash, createHmac, createPublicKey, timingSafeEqual, verify, type KeyObject } from "node:crypto";
import { decode, toBase64url, type DecodeFault, type Decoded, type MessageType } from "@portner/schema/mqtt";
import type { UntimelyAsk } from "./ask-age.ts";

/** Why a lock's message is not believed, or comes to nothing. */
export type IntakeFault = DecodeFault | "UNKNOWN_LOCK" | "WRONG_UNIT" | "BAD_SIGNATURE" | UntimelyAsk;

/** An Ed25519 public key from its 32 raw bytes. */
export function publicKeyFrom(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64url(raw) }, format: "jwk" });
}

/** SHA-256 of a message's bytes, in hex: what tells a repetition from another content. */
export function contentOf(payload: Uint8Array): string {
  return createHash("sha256").update(payload).digest("hex");
}

/** Reads a message that a unit signed. The key and the algorithm are the unit's; the message chooses neither. */
export function openSigned<Type extends MessageType>(
  type: Type,
  payload: Uint8Array,
  unit: { readonly unitId: string; readonly unitKey: KeyObject },
): Decoded<Type> | IntakeFault {
  const result = decode(type, payload);
  if (!result.ok) return result.fault;
  if (result.decoded.kid !== unit.unitId) return "WRONG_UNIT";
  const { signingInput, signature } = result.decoded;
  return signedBy(unit.unitKey, signingInput, signature) ? result.decoded : "BAD_SIGNATURE";
}

/** Reads a message that carries a MAC with the unit's telemetry key. */
export function openMac<Type extends "tel" | "gone">(
  type: Type,
  payload: Uint8Array,
  unit: { readonly unitId: string; readonly telemetryKey: Uint8Array },
): Decoded<Type> | IntakeFault {
  const result = decode(type, payload);
  if (!result.ok) return result.fault;
  if (result.decoded.kid !== unit.unitId) return "WRONG_UNIT";
  const mac = createHmac("sha256", unit.telemetryKey).update(result.decoded.signingInput, "ascii").digest();
  const given = result.decoded.signature;
  return given.length === mac.length && timingSafeEqual(given, mac) ? result.decoded : "BAD_SIGNATURE";
}

/** Whether `signature` over the ASCII `text` is that of a device's key. */
export function signedBy(key: KeyObject, text: string, signature: Uint8Array): boolean {
  return verify(null, Buffer.from(text, "ascii"), key, signature);
}
