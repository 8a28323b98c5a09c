import type { EntryKindName } from "@portner/schema/journal";
import type { Sql } from "../kernel/database.ts";
import type { JournalEntry } from "./entry.ts";
import { entryFromRow, isForeign, JOURNAL_COLUMNS, type JournalRow } from "./wire.ts";

/** What is looked for at one lock. */
export interface LockHistorySearch {
  readonly tenant: number;
  readonly lock: number;
  /** Paths through the lock's door: an opening that was refused as a whole names its path and no lock. */
  readonly paths: readonly number[];
  readonly kinds: readonly EntryKindName[];
  /** Only entries before this sequence. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What one lock's journal says, newest first. Entries of kinds that this hub does not know are left out. */
export async function lockHistory(sql: Sql, search: LockHistorySearch): Promise<readonly JournalEntry[]> {
  const { tenant, lock, paths, kinds, before = Number.MAX_SAFE_INTEGER, limit } = search;
  const columns = sql.unsafe(JOURNAL_COLUMNS);
  const rows = await sql<JournalRow[]>`
    SELECT * FROM (
      (SELECT ${columns} FROM journal j
       WHERE lock = ${lock} AND tenant = ${tenant} AND kind = ANY (${[...kinds]}) AND seq < ${before}
       ORDER BY seq DESC LIMIT ${limit})
      UNION ALL
      (SELECT one.* FROM unnest(${[...paths]}::int[]) AS asked(path), LATERAL (
         SELECT ${columns} FROM journal j
         WHERE j.path = asked.path AND lock IS NULL AND tenant = ${tenant} AND kind = ANY (${[...kinds]}) AND seq < ${before}
         ORDER BY seq DESC LIMIT ${limit}) AS one)
    ) AS found ORDER BY seq DESC LIMIT ${limit}`;
  return rows.map(entryFromRow).filter((entry): entry is JournalEntry => !isForeign(entry));
}
