import { sql } from "drizzle-orm";
import type { Instant } from "./clock.ts";
import type { Tables } from "./database.ts";

/** How long rows of a table are kept, counted from the time in one of its columns, which has an index. */
export interface Retention {
  readonly table: string;
  /** The column whose value tells a row from others. */
  readonly key: string;
  readonly since: string;
  readonly keptMs: number;
}

/** A table whose rows leave by another rule than time: deletes at most so many and answers how many. */
export interface PruneStep {
  readonly table: string;
  readonly prune: (tables: Tables, rowsMax: number) => Promise<number>;
}

/** Rows of one table that one pass takes: some milliseconds, so that no request waits for it. */
export const PRUNED_ROWS_MAX = 1_000;
/** Advisory lock of whoever prunes; the number means nothing but must never change. */
const PRUNE_LOCK = 7_306_913_406;

/**
 * Deletes what was kept long enough, at most {@link PRUNED_ROWS_MAX} rows a table, and answers how many by table. One hub
 * at a time: the others find the lock taken and do nothing, which they answer by `undefined`. What one pass leaves, the
 * next takes.
 */
export function prune(
  tables: Tables,
  plan: { readonly retentions: readonly Retention[]; readonly steps: readonly PruneStep[]; readonly now: Instant },
): Promise<ReadonlyMap<string, number> | undefined> {
  return tables.transaction(async (inside) => {
    const [lock] = await inside.execute<{ held: boolean }>(
      sql`SELECT pg_try_advisory_xact_lock(${PRUNE_LOCK}) AS held`,
    );
    if (lock?.held !== true) return undefined;
    const pruned = new Map<string, number>();
    for (const each of plan.retentions) pruned.set(each.table, await pruneByTime(inside, each, plan.now));
    for (const each of plan.steps) pruned.set(each.table, await each.prune(inside, PRUNED_ROWS_MAX));
    return pruned;
  });
}

async function pruneByTime(tables: Tables, retention: Retention, now: Instant): Promise<number> {
  const [table, key, since] = [retention.table, retention.key, retention.since].map((name) => sql.identifier(name));
  const before = new Date(now - retention.keptMs).toISOString();
  const done = await tables.execute(sql`
    DELETE FROM ${table} WHERE ${key} IN (
      SELECT ${key} FROM ${table} WHERE ${since} < ${before}::timestamptz ORDER BY ${since} LIMIT ${PRUNED_ROWS_MAX}
    )`);
  return done.count;
}
