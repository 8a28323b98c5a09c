import { eq, sql } from "drizzle-orm";
import { hub } from "@portner/drizzle";
import type { Tables } from "../../kernel/database.ts";

/** Rows of hubs that ended without a word are kept for a day, for whoever looks into it. */
const FORGOTTEN_AFTER = sql`interval '1 day'`;

/** Enters a hub's process, and forgets those that have been silent for a day. Times are Postgres's own. */
export async function insertHub(
  tables: Tables,
  fresh: { readonly id: string; readonly version: string; readonly appliedSequence: number },
): Promise<void> {
  await tables.delete(hub).where(sql`${hub.seenAt} < clock_timestamp() - ${FORGOTTEN_AFTER}`);
  const now = sql`clock_timestamp()`;
  await tables.insert(hub).values({ ...fresh, startedAt: now, seenAt: now });
}

/** Says that a hub lives, and what its index has applied; enters it anew where its row was forgotten. */
export async function touchHub(
  tables: Tables,
  alive: { readonly id: string; readonly version: string; readonly appliedSequence: number },
): Promise<void> {
  const now = sql`clock_timestamp()`;
  await tables
    .insert(hub)
    .values({ ...alive, startedAt: now, seenAt: now })
    .onConflictDoUpdate({ target: hub.id, set: { seenAt: now, appliedSequence: alive.appliedSequence } });
}

/** Strikes a hub that ends in good order off, so that nobody waits for it. */
export async function deleteHub(tables: Tables, id: string): Promise<void> {
  await tables.delete(hub).where(eq(hub.id, id));
}
