import { createHash } from "node:crypto";
import { fromBase64url, PublicKey, toBase64url } from "@portner/schema/mqtt";
import { append } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { sqlState, type Database, type Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId, newSecret } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { newEntry } from "../journal/index.ts";
import { brokerDigest } from "../mqtt/index.ts";
import type { Keyring } from "./keyring.ts";
import { insertUnit, lockBySerial, setBrokerSecret } from "./store.ts";

/** What a unit says when it claims its place. */
export interface CommissionInput {
  readonly serial: string;
  /** The one-time secret that was registered with the lock. */
  readonly claim: string;
  readonly model: string;
  readonly firmware: string;
  /** Ed25519 public key, 32 raw bytes in base64url. */
  readonly publicKey: string;
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

/** Why a unit was not commissioned. A wrong serial and a wrong claim are not told apart. */
export type CommissionFailure = "CLAIM_REFUSED" | "KEY_IN_USE" | "PUBLIC_KEY_INVALID";

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
 * Commissions a unit with its lock's one-time claim. The same claim with the same public key again (its answer was lost)
 * gives the same unit with a new broker secret; with another key it is refused.
 */
export async function commission(
  deps: CommissionDeps,
  input: CommissionInput,
): Promise<Result<Commissioned, CommissionFailure>> {
  const publicKey = PublicKey.safeParse(input.publicKey).success ? fromBase64url(input.publicKey) : undefined;
  if (publicKey === undefined) return fail("PUBLIC_KEY_INVALID");
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
  const again = await deps.database.tables.transaction((tables) =>
    claimAgain(tables, input.serial, claimDigest, secrets),
  );
  if (again !== undefined) return ok(again);
  try {
    return await insertPlace(deps, input, { ...secrets, claimDigest });
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
  secrets: { readonly publicKey: Uint8Array; readonly secretDigest: Uint8Array; readonly claimDigest: string },
): Promise<Result<Place, CommissionFailure>> {
  const { claimDigest } = secrets;
  const unitId = newId(deps.random);
  const now = deps.clock.now();
  const done = await append<Place, CommissionFailure>(deps, async (tables) => {
    const lock = await lockBySerial(tables, input.serial);
    if (lock === undefined || lock.claimDigest !== claimDigest || lock.unit !== null)
      return { refused: "CLAIM_REFUSED" };
    const { model, firmware } = input;
    const row = { publicId: unitId, tenant: lock.tenant, lock: lock.lock, claimDigest, model, firmware };
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

/** The unit that this claim and key have made before, with its new secret; nothing otherwise. */
async function claimAgain(
  tables: Tables,
  serial: string,
  claimDigest: string,
  secrets: { readonly publicKey: Uint8Array; readonly secretDigest: Uint8Array },
): Promise<Place | undefined> {
  const lock = await lockBySerial(tables, serial);
  if (lock === undefined || lock.unit === null || lock.unitId === null || lock.unitPublicKey === null) return undefined;
  const same = Buffer.compare(lock.unitPublicKey, secrets.publicKey) === 0;
  if (lock.unitClaimDigest !== claimDigest || !same) return undefined;
  await setBrokerSecret(tables, lock.unit, secrets.secretDigest);
  return { tenant: lock.tenant, tenantId: lock.tenantId, lockId: lock.lockId, unitId: lock.unitId };
}
