import { sql } from "drizzle-orm";
import type { Tables } from "../kernel/database.ts";

/**
 * Removes keys of entries that have left the journal with their partition, oldest first, at most `rowsMax`. A key stays as
 * long as its entry: the promise that an idempotency key counts for 24 hours is kept with years to spare, because the same
 * row is what finds an entry by its id, and what keeps an event that a lock sends again from standing twice.
 */
export async function pruneEntryKeys(tables: Tables, rowsMax: number): Promise<number> {
  const done = await tables.execute(sql`
    DELETE FROM entry_key WHERE entry_id IN (
      SELECT entry_id FROM entry_key WHERE seq < (SELECT min(seq) FROM journal) ORDER BY seq LIMIT ${rowsMax}
    )`);
  return done.count;
}
