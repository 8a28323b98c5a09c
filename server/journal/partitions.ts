import type { Sql } from "../kernel/database.ts";

/** Entries in one partition: a few weeks of a big city, small enough to detach and archive. */
export const PARTITION_ENTRIES = 1_000_000;

/** Partitions that stand ready beyond the one in use, so that no entry ever waits for one to be made. */
export const PARTITIONS_AHEAD = 2;

/** Makes the partitions ahead; returns how many stand ready. Harmless to call from every hub. */
export async function preparePartitions(sql: Sql): Promise<number> {
  const [row] = await sql<
    { ready: number }[]
  >`SELECT journal_prepare(${PARTITIONS_AHEAD}, ${PARTITION_ENTRIES}) AS ready`;
  return row?.ready ?? 0;
}
