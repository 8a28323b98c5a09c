/** SQL about units coming to a door and leaving it. */
import { lock, lockBoot, lockUnit, tenant } from "@portner/drizzle";
import { and, eq, exists, isNull, sql } from "drizzle-orm";
import type { Revision } from "@portner/schema/journal";
import { z } from "zod";
import type { Tables } from "../../kernel/database.ts";

/** The lock with this serial, with the claim it awaits and the unit it has. Locks its row. */
export async function lockBySerial(tables: Tables, serial: string) {
  const [row] = await tables
    .select({
      lock: lock.id,
      lockId: lock.publicId,
      door: lock.door,
      tenant: lock.tenant,
      tenantId: tenant.publicId,
      claimDigest: lock.claimDigest,
      unit: lockUnit.id,
      unitId: lockUnit.publicId,
    })
    .from(lock)
    .innerJoin(tenant, eq(tenant.id, lock.tenant))
    .leftJoin(lockUnit, and(eq(lockUnit.lock, lock.id), isNull(lockUnit.decommissionedAt)))
    .where(eq(lock.serial, serial))
    .for("update", { of: lock });
  return row;
}

/** Makes a unit and uses up its lock's claim. */
export async function insertUnit(tables: Tables, unit: typeof lockUnit.$inferInsert): Promise<number | undefined> {
  const [row] = await tables.insert(lockUnit).values(unit).returning({ id: lockUnit.id });
  await tables.update(lock).set({ claimDigest: null }).where(eq(lock.id, unit.lock));
  return row?.id;
}

/** Whether any unit has ever taken this place with this claim. */
export async function isClaimUsed(tables: Tables, key: number, claimDigest: string): Promise<boolean> {
  const mine = and(eq(lockUnit.lock, key), eq(lockUnit.claimDigest, claimDigest));
  return (await tables.select({ id: lockUnit.id }).from(lockUnit).where(mine).limit(1)).length > 0;
}

/** What a unit was commissioned with, and whether any signed event of it is committed. */
export async function claimOfUnit(tables: Tables, unit: number) {
  const spoken = tables.select({ unit: lockBoot.unit }).from(lockBoot).where(eq(lockBoot.unit, lockUnit.id));
  const [row] = await tables
    .select({
      claimDigest: lockUnit.claimDigest,
      publicKey: lockUnit.publicKey,
      nonces: lockUnit.claimNonces,
      commissionedAt: lockUnit.commissionedAt,
      hasSpoken: sql<boolean>`${exists(spoken)}`,
    })
    .from(lockUnit)
    .where(eq(lockUnit.id, unit));
  return row;
}

/** Gives a unit a new broker secret, and keeps the nonce it was asked for with. */
export async function answerClaimAgain(
  tables: Tables,
  unit: number,
  answer: { readonly brokerSecretDigest: Uint8Array; readonly claimNonces: string[] },
): Promise<void> {
  await tables.update(lockUnit).set(answer).where(eq(lockUnit.id, unit));
}

/** Where the journal stands; read before anything that a decision rests on. */
export async function headOf(tables: Tables): Promise<Revision> {
  const [row] = await tables.execute(sql`SELECT epoch, seq FROM head`);
  const { epoch, seq } = Standing.parse(row);
  return { epoch, sequence: seq };
}

/** A request's entry as it stands in the journal; nothing where the request was never met. */
export async function requestStanding(tables: Tables, entryId: string) {
  const [row] = await tables.execute(sql`
    SELECT j.epoch, j.seq, encode(k.content, 'hex') AS content, u.public_id AS "unitId", l.public_id AS "lockId",
      t.public_id AS "tenantId"
    FROM entry_key k JOIN journal j ON j.seq = k.seq JOIN lock_unit u ON u.id = j.unit
      JOIN lock l ON l.id = u.lock JOIN tenant t ON t.id = l.tenant
    WHERE k.entry_id = ${entryId}`);
  return row === undefined ? undefined : RequestStanding.parse(row);
}

const Standing = z.object({ epoch: z.number(), seq: z.coerce.number() });
const RequestStanding = Standing.extend({
  content: z.string().nullable(),
  unitId: z.string(),
  lockId: z.string(),
  tenantId: z.string(),
});

/** A lock's place and the unit that holds it now; nothing in another tenant, or for a lock that is not there. Locks its row. */
export async function unitOnDoor(tables: Tables, key: number, owner: number) {
  const [row] = await tables
    .select({
      door: lock.door,
      unit: lockUnit.id,
      quarantinedAt: lockUnit.quarantinedAt,
      names: { unitId: lockUnit.publicId, lockId: lock.publicId, tenantId: tenant.publicId },
    })
    .from(lock)
    .innerJoin(tenant, eq(tenant.id, lock.tenant))
    .innerJoin(lockUnit, and(eq(lockUnit.lock, lock.id), isNull(lockUnit.decommissionedAt)))
    .where(and(eq(lock.id, key), eq(lock.tenant, owner)))
    .for("update", { of: lock });
  return row;
}

/** Takes a unit from its door: nothing it was given is good for anything any more, and the lock awaits another claim. */
export async function retireUnit(
  tables: Tables,
  unit: number,
  { lock: key, at, claimDigest }: { readonly lock: number; readonly at: Date; readonly claimDigest: string },
): Promise<void> {
  const nothing = { brokerSecretDigest: new Uint8Array(), configDigest: null, claimNonces: [] };
  await tables
    .update(lockUnit)
    .set({ decommissionedAt: at, ...nothing })
    .where(eq(lockUnit.id, unit));
  await tables.update(lock).set({ claimDigest }).where(eq(lock.id, key));
}

/** Marks a unit as quarantined; answers whether it was not before. */
export async function quarantineUnit(tables: Tables, unit: number, cause: string, at: Date): Promise<boolean> {
  const rows = await tables
    .update(lockUnit)
    .set({ quarantinedAt: at, quarantineCause: cause })
    .where(and(eq(lockUnit.id, unit), isNull(lockUnit.quarantinedAt)))
    .returning({ id: lockUnit.id });
  return rows.length > 0;
}

/** Ends a unit's quarantine. */
export async function releaseUnit(tables: Tables, unit: number): Promise<void> {
  await tables.update(lockUnit).set({ quarantinedAt: null, quarantineCause: null }).where(eq(lockUnit.id, unit));
}
