import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { claimProofText, toBase64url, type UnitClaim } from "@portner/schema/mqtt";
import { systemRandom } from "../kernel/random.ts";

/** A key pair as a unit makes it, once. */
export function unitKeyPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync("ed25519");
}

/** What a unit with this key pair says to claim its place: a fresh nonce each time, and the proof over all of it. */
export function signedClaim(
  place: { readonly serial: string; readonly claim: string; readonly model?: string },
  pair = unitKeyPair(),
): UnitClaim & { proof: string } {
  const unsigned: UnitClaim = {
    serial: place.serial,
    claim: place.claim,
    model: place.model ?? "F3",
    firmware: "1.0.0",
    publicKey: pair.publicKey.export({ format: "jwk" }).x ?? "",
    nonce: toBase64url(systemRandom.bytes(16)),
  };
  return {
    ...unsigned,
    proof: toBase64url(sign(null, Buffer.from(claimProofText(unsigned), "ascii"), pair.privateKey)),
  };
}
