import { sql } from "drizzle-orm";
import { bulkJson, tallyOf, type BulkDeps, type Tally } from "../../people/index.ts";

/** What an import says of a lock; `door` by external id, the claim by its SHA-256 in hexadecimal digits. */
export interface LockInput {
  readonly serial: string;
  readonly model: string;
  readonly door: string;
  readonly claimDigest: string;
  readonly legalBasis: string;
  readonly consentReference: string;
  /** Day of the consent, in the tenant's zone. */
  readonly consentDay: string;
}

/** Why a lock can't be taken over from a file; `serial` tells which. */
export interface LockConflict {
  readonly serial: string;
  readonly code: "SERIAL_TAKEN" | "LOCK_MOVED" | "DOOR_TAKEN";
}

/**
 * What the file and the database can't both have right: a serial of another tenant, a lock that would move to another
 * door, a door with another lock. Asked after the doors were written.
 */
export async function lockConflicts(
  { tables, random, tenant }: BulkDeps,
  items: readonly LockInput[],
): Promise<readonly LockConflict[]> {
  const places = items.map(({ serial, door }) => ({ serial, door }));
  const rows = await tables.execute<{ serial: string; code: LockConflict["code"] }>(sql`
    SELECT r.serial, CASE WHEN l.tenant <> ${tenant} THEN 'SERIAL_TAKEN' WHEN l.door <> d.id THEN 'LOCK_MOVED'
      ELSE 'DOOR_TAKEN' END AS code
    FROM jsonb_to_recordset(${bulkJson(random, places)}::text::jsonb) AS r(serial text, door text)
      JOIN door d ON d.tenant = ${tenant} AND d.external_id = r.door
      LEFT JOIN lock l ON l.serial = r.serial
      LEFT JOIN lock o ON o.door = d.id
    WHERE l.tenant <> ${tenant} OR l.door <> d.id OR (l.id IS NULL AND o.id IS NOT NULL)`);
  return [...rows];
}

/**
 * Makes locks or brings their papers up to date. A claim that was used stays used, also when the file still names it after
 * its unit has left; one that was not is replaced by the file's. A unit in service keeps its model, which it told itself.
 */
export async function upsertLocks({ tables, random, tenant }: BulkDeps, items: readonly LockInput[]): Promise<Tally> {
  const written = await tables.execute<{ created: boolean }>(sql`
    INSERT INTO lock AS l (public_id, tenant, serial, model, door, legal_basis, consent_reference, consent_at, claim_digest)
    SELECT r."publicId", t.id, r.serial, r.model, d.id, r."legalBasis", r."consentReference",
      r."consentDay"::timestamp AT TIME ZONE t.time_zone, r."claimDigest"
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, serial text, model text,
        door text, "claimDigest" text, "legalBasis" text, "consentReference" text, "consentDay" date)
      JOIN tenant t ON t.id = ${tenant}
      JOIN door d ON d.tenant = t.id AND d.external_id = r.door
    ON CONFLICT (serial) DO UPDATE SET legal_basis = excluded.legal_basis,
      model = CASE WHEN l.claim_digest IS NULL THEN l.model ELSE excluded.model END,
      consent_reference = excluded.consent_reference, consent_at = excluded.consent_at,
      claim_digest = CASE WHEN l.claim_digest IS NULL OR EXISTS (SELECT FROM lock_unit u
          WHERE u.lock = l.id AND u.claim_digest = excluded.claim_digest) THEN l.claim_digest
        ELSE excluded.claim_digest END
    WHERE (l.legal_basis, l.consent_reference, l.consent_at) IS DISTINCT FROM
        (excluded.legal_basis, excluded.consent_reference, excluded.consent_at)
      OR (l.claim_digest IS NOT NULL AND (l.model, l.claim_digest) IS DISTINCT FROM (excluded.model, excluded.claim_digest)
        AND NOT EXISTS (SELECT FROM lock_unit u WHERE u.lock = l.id AND u.claim_digest = excluded.claim_digest))
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}
