import { district } from "@portner/drizzle";
import { asc, eq } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";

/** A district of a municipality, as stored. */
export type DistrictRow = typeof district.$inferSelect;

/** The districts of a tenant, by name. */
export function districtsOf(tables: Tables, tenant: number): Promise<readonly DistrictRow[]> {
  return tables.select().from(district).where(eq(district.tenant, tenant)).orderBy(asc(district.name));
}
