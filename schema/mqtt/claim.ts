import { z } from "zod";
import { toBase64url } from "./base64url.ts";
import { Challenge, PublicKey } from "./identifier.ts";

/** What a unit's claim says; everything that its proof is over. */
export const UnitClaim = z.strictObject({
  serial: z.string().min(1).max(64).describe("On the lock's label."),
  claim: z.string().min(1).max(128).describe("The one-time secret that was registered with the lock."),
  model: z.string().min(1).max(64),
  firmware: z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/),
  publicKey: PublicKey.describe("The unit's own; it made the pair itself, and the private half never leaves it."),
  nonce: Challenge.describe("Fresh and random for every try: the hub answers none twice."),
});
/** See {@link UnitClaim}. */
export type UnitClaim = z.infer<typeof UnitClaim>;

/**
 * The ASCII text that a unit signs with its private key to prove that it holds it: `claim` and the fields in the order of
 * {@link UnitClaim}, each as base64url of its UTF-8, joined by dots, so that no two claims have one text.
 */
export function claimProofText({ serial, claim, model, firmware, publicKey, nonce }: UnitClaim): string {
  const fields = [serial, claim, model, firmware, publicKey, nonce];
  return ["claim", ...fields.map((field) => toBase64url(new TextEncoder().encode(field)))].join(".");
}
