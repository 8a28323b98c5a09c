import type { EntryKindName } from "@portner/schema/journal";
import type { Sql } from "../kernel/database.ts";
import type { ForeignEntry, JournalEntry } from "./entry.ts";
import { entryFromRow, JOURNAL_COLUMNS, type JournalRow } from "./wire.ts";

/** What is looked for, backwards from a sequence. */
export interface BackwardRead {
  readonly tenant: number;
  readonly kinds: readonly EntryKindName[];
  /** The newest entry of the answer lies before this sequence. */
  readonly before: number;
  /** Sequences that are looked through at most, so that a rare kind never reads a whole journal at once. */
  readonly span: number;
  readonly limit: number;
}

/** Entries backwards from a sequence, and how far was looked. */
export interface BackwardReading {
  /** Newest first. */
  readonly entries: readonly (JournalEntry | ForeignEntry)[];
  /** Everything of these kinds from this sequence on is in the answer. */
  readonly reached: number;
}

/** The newest entries of these kinds before a sequence. */
export async function readBefore(
  sql: Sql,
  { tenant, kinds, before, span, limit }: BackwardRead,
): Promise<BackwardReading> {
  const from = Math.max(1, before - span);
  const rows = await sql<JournalRow[]>`
    SELECT ${sql.unsafe(JOURNAL_COLUMNS)} FROM journal j
    WHERE seq >= ${from} AND seq < ${before} AND tenant = ${tenant} AND kind = ANY (${[...kinds]})
    ORDER BY seq DESC LIMIT ${limit}`;
  const entries = rows.map(entryFromRow);
  const last = entries.at(-1);
  return { entries, reached: entries.length === limit && last !== undefined ? last.sequence : from };
}
