import { createPublicKey } from "node:crypto";
import { appendAllowing, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database, Tables } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, type Result } from "../kernel/result.ts";
import type { WrongTries } from "../kernel/wrong-tries.ts";
import { digestOfCode } from "./enrolment-code.ts";
import { holdCode, insertCredential, spendCode, type CredentialRow, type FoundCode } from "./store/credentials.ts";

/** Why a phone was not enrolled. Only CODE_UNKNOWN counts as a wrong code. */
export type EnrolFailure =
  | { readonly code: "CODE_UNKNOWN" }
  | { readonly code: "CODE_EXPIRED" }
  | { readonly code: "CODE_USED" }
  | { readonly code: "PERSON_INACTIVE" }
  | { readonly code: "KEY_IN_USE" }
  | { readonly code: "KEY_INVALID" }
  | { readonly code: "MODEL_INVALID" }
  | { readonly code: "TOO_MANY_TRIES"; readonly retryAfterMs: number };

/** What enrolling needs. */
export interface EnrolDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly wrongCodes: WrongTries;
}

/** What a phone shows. */
export interface EnrolInput {
  /** The one-time code as typed. */
  readonly code: string;
  /** The device's Ed25519 public key: 32 raw bytes, base64url without padding. */
  readonly publicKey: string;
  /** Model of the phone, 1–64 printable characters, for people who look for a lost one. */
  readonly model: string;
  /** Address the request came from, for the throttle. */
  readonly address: string;
}

function publicKeyBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  if (bytes.length !== 32 || bytes.toString("base64url") !== text) return undefined;
  try {
    createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text }, format: "jwk" });
    return bytes;
  } catch {
    return undefined;
  }
}

function codeFailure(code: FoundCode | undefined, now: number): EnrolFailure | undefined {
  if (code === undefined) return { code: "CODE_UNKNOWN" };
  if (code.usedAt !== null) return { code: "CODE_USED" };
  if (code.expiresAt.getTime() <= now) return { code: "CODE_EXPIRED" };
  return code.personActive ? undefined : { code: "PERSON_INACTIVE" };
}

/**
 * Enrols a phone: its key becomes a credential of the person whom the code was issued to, and the code is used up, in
 * one transaction with the entry. Of two phones with one code exactly one is enrolled.
 */
export async function enrolPhone(deps: EnrolDeps, input: EnrolInput): Promise<Result<CredentialRow, EnrolFailure>> {
  const retryAfterMs = deps.wrongCodes.waitMs(input.address);
  if (retryAfterMs > 0) return fail({ code: "TOO_MANY_TRIES", retryAfterMs });
  const publicKey = publicKeyBytes(input.publicKey);
  if (publicKey === undefined) return fail({ code: "KEY_INVALID" });
  if (!/^[^\p{Cc}]{1,64}$/u.test(input.model)) return fail({ code: "MODEL_INVALID" });
  const digest = digestOfCode(input.code);
  const enrolled: Result<CredentialRow, EnrolFailure> =
    digest === undefined
      ? fail({ code: "CODE_UNKNOWN" })
      : await appendAllowing(deps, (tables, decidedAt) =>
          makeCredential(deps, tables, { digest, publicKey, model: input.model, decidedAt }),
        );
  if (!enrolled.ok && enrolled.failure.code === "CODE_UNKNOWN") deps.wrongCodes.add(input.address);
  return enrolled;
}

async function makeCredential(
  { clock, random }: EnrolDeps,
  tables: Tables,
  facts: { digest: Uint8Array; publicKey: Uint8Array; model: string; decidedAt: number },
) {
  const now = clock.now();
  const code = await holdCode(tables, facts.digest);
  const failure = codeFailure(code, now);
  if (code === undefined || failure !== undefined) {
    return { refused: failure ?? ({ code: "CODE_UNKNOWN" } satisfies EnrolFailure) };
  }
  const { tenant, person } = code;
  const values = { publicId: newId(random), tenant, person, form: "phone", validFrom: new Date(now) } as const;
  const made = await insertCredential(tables, { ...values, model: facts.model, publicKey: facts.publicKey });
  if (made === undefined) return { refused: { code: "KEY_IN_USE" } satisfies EnrolFailure };
  await spendCode(tables, { id: code.id, credential: made.id, at: now });
  const entry = newEntry("credential.enrolled", {
    entryId: newId(random),
    occurredAt: now,
    decidedAtRevision: facts.decidedAt,
    tenant,
    person,
    credential: made.id,
    data: { credential: made.id, person, form: "phone", generation: 1, validFrom: now, validUntil: null },
  });
  return { entries: [entry] as const, value: made };
}
