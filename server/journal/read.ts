import type { Sql } from "../kernel/database.ts";
import type { ForeignEntry, JournalEntry } from "./entry.ts";
import { entryFromRow, JOURNAL_COLUMNS, type JournalRow } from "./wire.ts";

/** The head at one moment, and the entries behind a given sequence. */
export interface Reading {
  readonly epoch: number;
  readonly headSequence: number;
  /** Postgres's own time of the reading, in milliseconds since the epoch. */
  readonly databaseTime: number;
  readonly entries: readonly (JournalEntry | ForeignEntry)[];
}

interface HeadRow {
  readonly head_epoch: number;
  readonly head_seq: string;
  readonly database_time: string;
}

/** Reads head and entries in one statement, so that both are true at the same moment. */
export async function readAfter(sql: Sql, sequence: number, limit: number): Promise<Reading> {
  const rows = await sql.unsafe<(HeadRow & JournalRow)[]>(
    `SELECT h.epoch AS head_epoch, h.seq AS head_seq,
       (extract(epoch FROM clock_timestamp()) * 1000)::text AS database_time, ${JOURNAL_COLUMNS}
     FROM head h LEFT JOIN LATERAL (SELECT * FROM journal WHERE seq > $1 ORDER BY seq LIMIT $2) j ON true
     ORDER BY j.seq`,
    [sequence, limit],
    { prepare: true },
  );
  const head = rows[0];
  return {
    epoch: head?.head_epoch ?? 0,
    headSequence: Number(head?.head_seq ?? 0),
    databaseTime: Number(head?.database_time ?? 0),
    entries: rows.filter((row) => row.seq !== null).map(entryFromRow),
  };
}

/** The oldest sequence that is still kept; entries before it were archived. 1 where nothing was. */
export async function oldestSequence(sql: Sql): Promise<number> {
  const [row] = await sql<{ seq: string | null }[]>`SELECT min(seq) AS seq FROM journal`;
  return Number(row?.seq ?? 1);
}
