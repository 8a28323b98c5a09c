import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import { decode, denyDigestText, type MessageType } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { GOLDEN_FORGED, GOLDEN_KEYS, GOLDEN_PROOFS, GOLDEN_VALID } from "../schema/mqtt/golden/index.ts";

const encoder = new TextEncoder();
const telemetrySecret = Buffer.from(GOLDEN_KEYS.hmacSha256[0]?.secret ?? "", "base64url");

function isSignedBy(signer: string, text: string, signature: Uint8Array): boolean {
  if (signer === "telemetry") {
    const mac = createHmac("sha256", telemetrySecret).update(text, "ascii").digest();
    return mac.length === signature.length && timingSafeEqual(mac, signature);
  }
  const x = GOLDEN_KEYS.ed25519.find(({ holder }) => holder === signer)?.publicKey ?? "";
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(text, "ascii"), key, signature);
}

function isAuthentic(type: MessageType, compact: string, signer: string): boolean {
  const reading = decode(type, encoder.encode(compact));
  return reading.ok && isSignedBy(signer, reading.decoded.signingInput, reading.decoded.signature);
}

test.each(GOLDEN_VALID)("golden $name verifies with node:crypto under its own signer only", (vector) => {
  const { type, compact, signer } = vector;
  const holders = [...GOLDEN_KEYS.ed25519, ...GOLDEN_KEYS.hmacSha256].map(({ holder }) => holder);
  expect(holders.filter((holder) => isAuthentic(type, compact, holder))).toEqual([signer]);
});

test.each(GOLDEN_FORGED)("forged: $name does not verify: $why", ({ type, text, signer }) => {
  expect(isAuthentic(type, text, signer)).toBe(false);
});

test.each(GOLDEN_PROOFS.signatures)("the proof `$text` verifies", ({ text, signer, signature }) => {
  expect(isSignedBy(signer, text, Buffer.from(signature, "base64url"))).toBe(true);
});

test("the digests of documents are SHA-256 over the texts that the contract names", () => {
  const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
  for (const { entries, text, digest: expected } of GOLDEN_PROOFS.denyDigests) {
    expect(denyDigestText(entries)).toBe(text);
    expect(digest(text)).toBe(expected);
  }
  const { compact, digest: expected } = GOLDEN_PROOFS.configDigest;
  expect(digest(compact)).toBe(expected);
});
