/** SQL about units coming to a door and leaving it. */
import { lock, lockBoot, lockUnit, tenant } from "@portner/drizzle";
import { and, eq, exists, isNull, sql } from "drizzle-orm";
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
