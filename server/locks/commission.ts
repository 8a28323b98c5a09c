import { createHash } from "node:crypto";
import { claimProofText, fromBase64url, PublicKey, toBase64url, type UnitClaim } from "@portner/schema/mqtt";
import { append } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { sqlState, type Database } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId, newSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { newEntry } from "../journal/index.ts";
import { brokerDigest } from "../mqtt/index.ts";
import type { Keyring } from "./keyring.ts";
import { answerClaimAgain, claimOfUnit, insertUnit, isClaimUsed, lockBySerial } from "./store/units.ts";
import { publicKeyFrom, signedBy } from "./verify.ts";

/** What a unit says when it claims its place, and its signature over `claimProofText` by the key it claims for. */
export interface CommissionInput extends UnitClaim {
  readonly proof: string;
}

/** What a unit is given, once, to live by. */
export interface Commissioned {
  readonly tenant: string;
  readonly lock: string;
  readonly unit: string;
  readonly brokerSecret: string;
  readonly rootKey: { readonly kid: string; readonly key: string };
  /** 32 bytes, base64url. */
  readonly telemetryKey: string;
}

/**
 * Why a unit was not commissioned. A wrong serial, a wrong claim and a proof that was answered before are not told apart.
 * `CLAIM_CLOSED` is told only to the key that was commissioned with this very claim.
 */
export type CommissionFailure =
  "CLAIM_CLOSED" | "CLAIM_REFUSED" | "KEY_IN_USE" | "PROOF_REFUSED" | "PUBLIC_KEY_INVALID";

/**
 * How long after its commissioning a unit may have the same claim answered again: its answer was lost, or its power was
 * before it could store it. Whoever mounts it stands beside it for those minutes; whoever comes later with a copied board
 * and an old claim gets nothing.
 */
export const CLAIM_REPEAT_MS = 10 * 60_000;
/** Answers to one claim: a unit behind a bad link tries a few times; each nonce is kept, so they need a bound. */
export const CLAIM_ANSWERS_MAX = 20;

/** What commissioning works with. */
export interface CommissionDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly keyring: Keyring;
  /** Makes the new secret known to the broker before the unit uses it. */
  readonly publishCredential: (lock: { lockId: string; tenantId: string; secretDigest: Uint8Array }) => Promise<void>;
}

/** SHA-256 of a claim in hex, the form in which a lock's row keeps it. */
export function digestOfClaim(claim: string): string {
  return createHash("sha256").update(claim, "utf8").digest("hex");
}

/**
 * Commissions a unit with its lock's one-time claim, for a key that it proves to hold. Until its first signed event is
 * committed, and for {@link CLAIM_REPEAT_MS} at most, the same key gets the same unit with a new broker secret when it
 * proves itself anew (its answer was lost); then the claim is closed for ever.
 */
export async function commission(
  deps: CommissionDeps,
  input: CommissionInput,
): Promise<Result<Commissioned, CommissionFailure>> {
  const publicKey = PublicKey.safeParse(input.publicKey).success ? fromBase64url(input.publicKey) : undefined;
  if (publicKey === undefined) return fail("PUBLIC_KEY_INVALID");
  const proof = fromBase64url(input.proof);
  // Before Postgres is asked: only who holds the private half gets any further.
  if (proof === undefined || !signedBy(publicKeyFrom(publicKey), claimProofText(input), proof)) {
    return fail("PROOF_REFUSED");
  }
  const secret = newSecret(deps.random);
  const secretDigest = brokerDigest(secret);
  const done = await claimPlace(deps, input, { publicKey, secretDigest });
  if (!done.ok) return done;
  const { tenant, tenantId, lockId, unitId } = done.value;
  await deps.publishCredential({ lockId, tenantId, secretDigest });
  return ok({
    tenant: tenantId,
    lock: lockId,
    unit: unitId,
    brokerSecret: secret,
    rootKey: deps.keyring.root(tenant),
    telemetryKey: toBase64url(deps.keyring.telemetryKey(tenant, unitId)),
  });
}

interface ClaimSecrets {
  readonly publicKey: Uint8Array;
  readonly secretDigest: Uint8Array;
  readonly claimDigest: string;
}

interface Place {
  readonly tenant: number;
  readonly tenantId: string;
  readonly lockId: string;
  readonly unitId: string;
}

async function claimPlace(
  deps: CommissionDeps,
  input: CommissionInput,
  secrets: { readonly publicKey: Uint8Array; readonly secretDigest: Uint8Array },
): Promise<Result<Place, CommissionFailure>> {
  const claimDigest = digestOfClaim(input.claim);
  const claim = { ...secrets, claimDigest };
  const again = await claimAgain(deps, input, claim);
  if (again !== undefined) return again;
  try {
    const placed = await insertPlace(deps, input, claim);
    if (placed.ok) return placed;
    // An earlier try of the same unit may have been answered in between.
    return (await claimAgain(deps, input, claim)) ?? placed;
  } catch (error) {
    if (sqlState(error) === UNIQUE_VIOLATION) return fail("KEY_IN_USE");
    throw error;
  }
}

/** Postgres's state of a doubled value in a unique index. */
const UNIQUE_VIOLATION = "23505";

async function insertPlace(
  deps: CommissionDeps,
  input: CommissionInput,
  secrets: ClaimSecrets,
): Promise<Result<Place, CommissionFailure>> {
  const { claimDigest } = secrets;
  const claimNonces = [input.nonce];
  const unitId = newId(deps.random);
  const now = deps.clock.now();
  const done = await append<Place, CommissionFailure>(deps, async (tables) => {
    const lock = await lockBySerial(tables, input.serial);
    if (lock === undefined || lock.claimDigest !== claimDigest || lock.unit !== null)
      return { refused: "CLAIM_REFUSED" };
    // A world file may still name a claim that a unit before this one has used.
    if (await isClaimUsed(tables, lock.lock, claimDigest)) return { refused: "CLAIM_REFUSED" };
    const { model, firmware } = input;
    const row = { publicId: unitId, tenant: lock.tenant, lock: lock.lock, claimDigest, claimNonces, model, firmware };
    const { publicKey, secretDigest } = secrets;
    const unit = await insertUnit(tables, { ...row, publicKey, brokerSecretDigest: secretDigest });
    if (unit === undefined) throw new InvariantError("a unit was inserted without a key");
    const entry = newEntry("unit.commissioned", {
      entryId: newId(deps.random),
      occurredAt: now,
      tenant: lock.tenant,
      lock: lock.lock,
      unit,
      door: lock.door,
      data: { lock: lock.lock, unit, publicKey: input.publicKey, model, firmware },
    });
    return { entries: [entry], value: { tenant: lock.tenant, tenantId: lock.tenantId, lockId: lock.lockId, unitId } };
  });
  if (done.outcome === "appended") return ok(done.value);
  return fail(done.outcome === "refused" ? done.failure : "CLAIM_REFUSED");
}

/** The unit that this claim and key have made before, with its new secret; nothing where they have made none. */
async function claimAgain(
  { database, clock }: CommissionDeps,
  { serial, nonce }: CommissionInput,
  secrets: ClaimSecrets,
): Promise<Result<Place, CommissionFailure> | undefined> {
  return database.tables.transaction(async (tables) => {
    const lock = await lockBySerial(tables, serial);
    if (lock === undefined || lock.unit === null || lock.unitId === null) return undefined;
    const made = await claimOfUnit(tables, lock.unit);
    if (made?.claimDigest !== secrets.claimDigest) return undefined;
    if (Buffer.compare(made.publicKey, secrets.publicKey) !== 0) return undefined;
    if (made.nonces.includes(nonce)) return fail("CLAIM_REFUSED");
    const isOver = clock.now() - made.commissionedAt.getTime() > CLAIM_REPEAT_MS;
    if (isOver || made.hasSpoken || made.nonces.length >= CLAIM_ANSWERS_MAX) return fail("CLAIM_CLOSED");
    const { secretDigest: brokerSecretDigest } = secrets;
    await answerClaimAgain(tables, lock.unit, { brokerSecretDigest, claimNonces: [...made.nonces, nonce] });
    return ok({ tenant: lock.tenant, tenantId: lock.tenantId, lockId: lock.lockId, unitId: lock.unitId });
  });
}
