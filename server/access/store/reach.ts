import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { denyProof, hub, lock, lockUnit } from "@portner/drizzle";
import { z } from "zod";
import type { Tables } from "../../kernel/database.ts";

const Counts = z.object({ applied: z.number(), total: z.number() });

/** How many hubs were seen within `withinMs` by Postgres's clock, and how many of them have applied an entry. */
export async function countHubs(
  tables: Tables,
  sequence: number,
  withinMs: number,
): Promise<{ applied: number; total: number }> {
  const [counts] = await tables
    .select({
      applied: sql`count(*) FILTER (WHERE ${hub.appliedSequence} >= ${sequence})::integer`,
      total: sql`count(*)::integer`,
    })
    .from(hub)
    .where(sql`${hub.seenAt} > clock_timestamp() - ${withinMs} * interval '1 millisecond'`);
  return Counts.parse(counts);
}

/** Locks of a tenant in service, and how many of them have proven a deny document of this version or a later one. */
export async function countProofs(
  tables: Tables,
  tenant: number,
  version: number,
): Promise<{ applied: number; total: number }> {
  const [counts] = await tables
    .select({
      applied: sql`count(*) FILTER (WHERE ${denyProof.version} >= ${version})::integer`,
      total: sql`count(*)::integer`,
    })
    .from(lockUnit)
    .leftJoin(denyProof, eq(denyProof.unit, lockUnit.id))
    .where(and(eq(lockUnit.tenant, tenant), isNull(lockUnit.decommissionedAt)));
  return Counts.parse(counts);
}

/** Locks in service that have not proven a deny document of this version, by key. */
export async function unprovenLocks(
  tables: Tables,
  tenant: number,
  question: { readonly version: number; readonly after: number; readonly first: number },
): Promise<number[]> {
  const { version, after, first } = question;
  const unproven = sql`coalesce(${denyProof.version}, -1) < ${version} AND ${lock.id} > ${after}`;
  const rows = await tables
    .select({ lock: lock.id })
    .from(lock)
    .innerJoin(lockUnit, and(eq(lockUnit.lock, lock.id), isNull(lockUnit.decommissionedAt)))
    .leftJoin(denyProof, eq(denyProof.unit, lockUnit.id))
    .where(and(eq(lock.tenant, tenant), unproven))
    .orderBy(asc(lock.id))
    .limit(first);
  return rows.map((row) => row.lock);
}
