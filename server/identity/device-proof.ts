import { createHash, createPublicKey, verify, type KeyObject } from "node:crypto";
import { z } from "zod";
import type { Instant } from "../kernel/clock.ts";
import { fail, ok, type Result } from "../kernel/result.ts";

/** A phone's clock may be off by this much. */
export const PROOF_SKEW_MS_MAX = 60_000;
/** A proof is about 300 characters. */
const PROOF_CHARACTERS_MAX = 1_024;

/** Why a proof was not taken. `PROOF_TIME`: the device's clock is off; the rest is one thing to an outsider. */
export type ProofFailure = "PROOF_INVALID" | "PROOF_TIME";

const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
/** What a phone proves with each request: when, with which session token, and over which body. */
const RequestClaims = z.strictObject({ iat: z.int(), ath: Digest, bd: Digest });
/** What a phone proves to get a new session. */
const RenewalClaims = z.strictObject({ iat: z.int(), cred: z.string().min(1).max(64) });

/** A device's key, from its 32 raw bytes. */
export function deviceKey(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}

/**
 * Checks the header `portner-proof` of a request: `<claims>.<signature>`, where the claims are base64url of the JSON
 * `{"iat":<ms>,"ath":<sha256 of the token>,"bd":<sha256 of the body>}` and the signature is Ed25519 over the ASCII text
 * `proof.<claims>`. A token that leaks is worth nothing without the device.
 */
export function checkRequestProof(
  proof: string,
  request: { readonly key: KeyObject; readonly token: string; readonly body: Uint8Array; readonly now: Instant },
): Result<undefined, ProofFailure> {
  const claims = readSigned(proof, "proof", RequestClaims, request.key);
  if (claims === undefined || claims.ath !== digest(request.token) || claims.bd !== digest(request.body)) {
    return fail("PROOF_INVALID");
  }
  return inTime(claims.iat, request.now);
}

/** The credential that a renewal names, before anything is proven; `undefined` when it is none. */
export function credentialOfRenewal(proof: string): string | undefined {
  return readClaims(proof, RenewalClaims)?.claims.cred;
}

/**
 * Checks a renewal: as a request's proof, but over `renew.<claims>` with the claims `{"iat":<ms>,"cred":<credential's
 * global id>}`. Answers when it was signed.
 */
export function checkRenewalProof(proof: string, key: KeyObject, now: Instant): Result<Instant, ProofFailure> {
  const claims = readSigned(proof, "renew", RenewalClaims, key);
  if (claims === undefined) return fail("PROOF_INVALID");
  const timely = inTime(claims.iat, now);
  return timely.ok ? ok(claims.iat) : timely;
}

function inTime(issuedAt: Instant, now: Instant): Result<undefined, ProofFailure> {
  return Math.abs(now - issuedAt) <= PROOF_SKEW_MS_MAX ? ok(undefined) : fail("PROOF_TIME");
}

function readSigned<Claims>(
  proof: string,
  purpose: "proof" | "renew",
  shape: z.ZodType<Claims>,
  key: KeyObject,
): Claims | undefined {
  const read = readClaims(proof, shape);
  if (read === undefined) return undefined;
  const signed = Buffer.from(`${purpose}.${read.text}`, "ascii");
  return verify(null, signed, key, Buffer.from(read.signature, "base64url")) ? read.claims : undefined;
}

function readClaims<Claims>(proof: string, shape: z.ZodType<Claims>) {
  if (proof.length > PROOF_CHARACTERS_MAX) return undefined;
  const [text, signature, ...more] = proof.split(".");
  if (text === undefined || signature === undefined || more.length > 0) return undefined;
  try {
    const claims = shape.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    return claims.success ? { claims: claims.data, text, signature } : undefined;
  } catch {
    return undefined;
  }
}

function digest(of: string | Uint8Array): string {
  return createHash("sha256").update(of).digest("base64url");
}
