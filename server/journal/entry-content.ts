import { sql } from "drizzle-orm";
import type { Tables } from "../kernel/database.ts";

/** SHA-256 (hex) of the content that an entry was recorded with; nothing where there is no such entry. */
export async function contentOfEntry(tables: Tables, entryId: string): Promise<string | undefined> {
  const rows = await tables.execute<{ content: string | null }>(
    sql`SELECT encode(content, 'hex') AS content FROM entry_key WHERE entry_id = ${entryId}`,
  );
  return rows[0]?.content ?? undefined;
}
