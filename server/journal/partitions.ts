import { sqlState, type Sql } from "../kernel/database.ts";

/** Entries in one partition: a few weeks of a big city, small enough to detach and archive. */
export const PARTITION_ENTRIES = 1_000_000;

/** Partitions that stand ready beyond the one in use, so that no entry ever waits for one to be made. */
export const PARTITIONS_AHEAD = 2;

/** Postgres's word for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * Makes the partitions ahead; returns how many stand ready. Harmless to call from every hub, and beside searches and
 * appends of any length. Where somebody holds the journal against it, it gives up within a second: call it again later.
 */
export async function preparePartitions(sql: Sql, size = PARTITION_ENTRIES): Promise<number> {
  try {
    const [row] = await sql<{ ready: number }[]>`SELECT journal_prepare(${PARTITIONS_AHEAD}, ${size}) AS ready`;
    return row?.ready ?? 0;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    const [row] = await sql<{ ready: number }[]>`SELECT journal_ready(${size}) AS ready`;
    return row?.ready ?? 0;
  }
}
