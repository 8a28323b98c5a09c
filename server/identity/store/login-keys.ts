import { eq } from "drizzle-orm";
import { loginKey } from "@portner/drizzle";
import type { Tables } from "../../kernel/database.ts";

/** The secret of a period; `candidate` becomes it when there is none, and whoever comes second gets that of the first. */
export async function secretOfPeriod(
  tables: Tables,
  period: number,
  candidate: () => { readonly secret: Uint8Array; readonly createdAt: Date },
): Promise<Uint8Array | undefined> {
  const read = async () => (await tables.select().from(loginKey).where(eq(loginKey.period, period)))[0]?.secret;
  const found = await read();
  if (found !== undefined) return found;
  await tables
    .insert(loginKey)
    .values({ period, ...candidate() })
    .onConflictDoNothing();
  return read();
}
