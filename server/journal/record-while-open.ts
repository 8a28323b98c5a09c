import type { Sql } from "../kernel/database.ts";
import { itemForDatabase, type Item } from "./wire.ts";

/**
 * Records those of the items whose first entry's command is not settled yet, looked up under the head's lock: what is in
 * the journal by then counts, whoever wrote it. Answers how many were recorded. Rejects with the driver's error when
 * Postgres is away; asking again is harmless.
 */
export async function recordWhileOpen(
  deps: { readonly sql: Sql; readonly hub: string },
  items: readonly Item[],
): Promise<number> {
  if (items.length === 0) return 0;
  const parameter = JSON.stringify(items.map(itemForDatabase));
  const [row] = await deps.sql<{ recorded: number }[]>`
    SELECT journal_record_while_open(${deps.hub}, ${parameter}::text::jsonb) AS recorded`;
  return row?.recorded ?? 0;
}
