import { z } from "zod";
import { fromBase64url } from "../base64url.ts";
import { MESSAGES } from "../messages/index.ts";
import forgedFile from "./forged.json" with { type: "json" };
import invalidFile from "./invalid.json" with { type: "json" };
import keysFile from "./keys.json" with { type: "json" };
import { KEY_HOLDERS } from "./keys.ts";
import proofsFile from "./proofs.json" with { type: "json" };
import validFile from "./valid.json" with { type: "json" };

const Type = z.keyof(z.object(MESSAGES));
const Signer = z.enum([...KEY_HOLDERS, "telemetry"]);
const wire = { name: z.string(), type: Type, why: z.string() };
const encoder = new TextEncoder();
const Bytes = z.union([
  z.strictObject({ text: z.string() }).transform(({ text }) => encoder.encode(text)),
  z.strictObject({ base64url: z.string() }).transform(({ base64url }) => fromBase64url(base64url) ?? new Uint8Array()),
]);

/** Public test keys by holder: the raw key's text; for `telemetry` the shared secret. Never trust them elsewhere. */
export const GOLDEN_KEYS = z
  .strictObject({
    warning: z.string(),
    tenant: z.string(),
    ed25519: z.array(z.strictObject({ holder: Signer, kid: z.string(), seed: z.string(), publicKey: z.string() })),
    hmacSha256: z.array(z.strictObject({ holder: Signer, kid: z.string(), secret: z.string() })),
  })
  .parse(keysFile);

/** Messages of every type and kind, each with its exact header, payload and signed compact text. */
export const GOLDEN_VALID = z
  .array(
    z.strictObject({
      name: z.string(),
      type: Type,
      signer: Signer,
      header: z.string(),
      payload: z.string(),
      compact: z.string(),
    }),
  )
  .parse(validFile);

/** Bytes that must be refused before any cryptography, with the fault and the reason; rightly signed where they can be. */
export const GOLDEN_INVALID = z
  .array(z.looseObject({ ...wire, fault: z.enum(["TOO_LARGE", "MALFORMED", "WRONG_TYPE"]) }))
  .parse(invalidFile)
  .map(({ name, type, why, fault, ...content }) => ({ name, type, why, fault, bytes: Bytes.parse(content) }));

/** Well-formed messages whose signature or MAC by `signer` must not verify. */
export const GOLDEN_FORGED = z.array(z.strictObject({ ...wire, signer: Signer, text: z.string() })).parse(forgedFile);

/** What else is signed or digested at the door: proofs of presence, digests of documents. */
export const GOLDEN_PROOFS = z
  .strictObject({
    signatures: z.array(z.strictObject({ text: z.string(), signer: Signer, signature: z.string() })),
    denyDigests: z.array(
      z.strictObject({
        entries: z.array(z.strictObject({ cred: z.string(), gen: z.number(), until: z.number() })),
        text: z.string(),
        digest: z.string(),
      }),
    ),
    configDigest: z.strictObject({ compact: z.string(), digest: z.string() }),
  })
  .parse(proofsFile);
