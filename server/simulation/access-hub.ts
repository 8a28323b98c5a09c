import type { Revision } from "@portner/schema/journal";
import { loadAccessIndex, type AccessIndex } from "../access/access-index.ts";
import type { BlockDeps } from "../access/block.ts";
import type { LiftDeps } from "../access/unblock.ts";
import { JournalTail } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database, type Tables } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { sql } from "drizzle-orm";

/** As much of a hub as decides: its own connections, an index and the tail that moves it. */
export interface AccessHub {
  readonly database: Database;
  readonly hub: string;
  readonly index: AccessIndex;
  readonly tail: JournalTail;
  /** What the use cases of access need. */
  readonly deps: BlockDeps & LiftDeps;
  stop(): Promise<void>;
}

/** How a hub of a test differs from a healthy one. */
export interface HubFaults {
  /** Pause before each batch of the journal is handed on. */
  readonly delayMs?: () => number;
  readonly listen?: boolean;
}

/** Starts a hub on a migrated database. */
export async function startAccessHub(url: string, faults: HubFaults = {}): Promise<AccessHub> {
  const database = openDatabase(url);
  const { index, revision } = await loadAccessIndex({ tables: database.tables, clock: systemClock, log: silentLog });
  const tail = new JournalTail({ sql: database.raw, clock: systemClock, log: silentLog, ...faults }, revision);
  index.follow(tail);
  tail.start();
  const hub = newId(systemRandom);
  const deps: BlockDeps & LiftDeps = {
    database,
    hub,
    clock: systemClock,
    random: systemRandom,
    endSessions: endSessionRows,
    poke: () => tail.poke(),
    sight: { seenUpTo: () => tail.position.sequence, catchUp: () => index.refreshed(1_000) },
  };
  const stop = async (): Promise<void> => {
    await tail.stop();
    await index.stop();
    await database.close();
  };
  return { database, hub, index, tail, deps, stop };
}

/** An index read from the tables as they stand now. */
export async function freshIndex(database: Database): Promise<{ index: AccessIndex; revision: Revision }> {
  return loadAccessIndex({ tables: database.tables, clock: systemClock, log: silentLog });
}

async function endSessionRows(
  tables: Tables,
  whose: { readonly persons: readonly number[]; readonly credentials: readonly number[] },
): Promise<readonly number[]> {
  const parameter = JSON.stringify(whose);
  const rows = await tables.execute<{ id: number }>(sql`
    WITH whose AS (SELECT ${parameter}::text::jsonb AS who)
    UPDATE session s SET ended_at = clock_timestamp() FROM whose
    WHERE s.ended_at IS NULL AND (
      who -> 'credentials' @> to_jsonb(s.credential)
      OR who -> 'persons' @> to_jsonb((SELECT c.person FROM credential c WHERE c.id = s.credential))
      OR who -> 'persons' @> to_jsonb((SELECT a.person FROM account a WHERE a.id = s.account)))
    RETURNING s.id`);
  return rows.map((row) => row.id);
}
