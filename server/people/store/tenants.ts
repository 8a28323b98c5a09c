import { tenant, tenantKey } from "@portner/drizzle";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import type { StoredTenantKey } from "../tenant-keys.ts";

/** A municipality, as stored. */
export type TenantRow = typeof tenant.$inferSelect;

/** What an import says of a municipality. */
export interface TenantInput {
  readonly publicId: string;
  readonly name: string;
  readonly timeZone: string;
  readonly ean: string | null;
  /** Absent: as it was; exports of other systems know nothing of it. */
  readonly hotlinePhone: string | null | undefined;
  readonly remoteOpen: TenantRow["remoteOpen"];
  readonly visitOnly: readonly string[];
  readonly permitHours: number;
  /** Made by the demo. Stays as it was when the tenant was made. */
  readonly demo: boolean;
}

/** Makes the tenant or brings it up to date; `written` is absent when nothing had to change. */
export async function upsertTenant(
  tables: Tables,
  input: TenantInput,
): Promise<{ readonly id: number; readonly written?: { readonly created: boolean } }> {
  const visitOnly = JSON.stringify(input.visitOnly);
  const isSilent = input.hotlinePhone === undefined;
  const rows = await tables.execute<{ id: number; created: boolean }>(sql`
    INSERT INTO tenant AS t
      (public_id, name, time_zone, ean, hotline_phone, remote_open, visit_only, permit_hours, demo)
    VALUES (${input.publicId}, ${input.name}, ${input.timeZone}, ${input.ean}, ${input.hotlinePhone ?? null},
      ${input.remoteOpen}, ARRAY(SELECT jsonb_array_elements_text(${visitOnly}::text::jsonb)), ${input.permitHours},
      ${input.demo})
    ON CONFLICT (public_id) DO UPDATE SET name = excluded.name, time_zone = excluded.time_zone, ean = excluded.ean,
      hotline_phone = CASE WHEN ${isSilent} THEN t.hotline_phone ELSE excluded.hotline_phone END, remote_open = excluded.remote_open, visit_only = excluded.visit_only,
      permit_hours = excluded.permit_hours
    WHERE (t.name, t.time_zone, t.ean, t.hotline_phone, t.remote_open, t.visit_only, t.permit_hours) IS DISTINCT FROM
      (excluded.name, excluded.time_zone, excluded.ean,
        CASE WHEN ${isSilent} THEN t.hotline_phone ELSE excluded.hotline_phone END, excluded.remote_open,
        excluded.visit_only, excluded.permit_hours)
    RETURNING id, (xmax = 0) AS created`);
  const written = rows[0];
  if (written !== undefined) return { id: written.id, written: { created: written.created } };
  const [standing] = await tables.select({ id: tenant.id }).from(tenant).where(eq(tenant.publicId, input.publicId));
  return { id: standing?.id ?? Number.NaN };
}

/** Stores a new tenant's keys. */
export async function insertTenantKeys(tables: Tables, owner: number, keys: readonly StoredTenantKey[]): Promise<void> {
  await tables.insert(tenantKey).values(keys.map((key) => ({ tenant: owner, ...key })));
}

/** A tenant's keys that are not retired. */
export async function tenantKeys(tables: Tables, owner: number): Promise<readonly StoredTenantKey[]> {
  return tables
    .select({
      purpose: tenantKey.purpose,
      kid: tenantKey.kid,
      publicKey: tenantKey.publicKey,
      sealedSecret: tenantKey.sealedSecret,
    })
    .from(tenantKey)
    .where(and(eq(tenantKey.tenant, owner), isNull(tenantKey.retiredAt)))
    .orderBy(tenantKey.id);
}

/** Every tenant of this database. */
export async function allTenants(tables: Tables): Promise<readonly TenantRow[]> {
  return tables.select().from(tenant).orderBy(tenant.id);
}

/** The tenant with this public id. */
export async function tenantByPublicId(tables: Tables, publicId: string): Promise<TenantRow | undefined> {
  const [row] = await tables.select().from(tenant).where(eq(tenant.publicId, publicId));
  return row;
}
