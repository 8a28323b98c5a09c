import { department, provider } from "@portner/drizzle";
import { eq, inArray, sql } from "drizzle-orm";
import { newId } from "../../kernel/ids.ts";
import type { Tables } from "../../kernel/database.ts";
import type { Random } from "../../kernel/random.ts";
import { tallyOf, type Tally } from "../tally.ts";

/** A department, as stored. */
export type DepartmentRow = typeof department.$inferSelect;
/** A private provider, as stored. */
export type ProviderRow = typeof provider.$inferSelect;

/** What a bulk write needs besides its rows. */
export interface BulkDeps {
  readonly tables: Tables;
  readonly random: Random;
  readonly tenant: number;
}

/** Rows as JSON for one set-wise statement, each with a public id in case it is new. */
export function bulkJson(random: Random, items: readonly object[]): string {
  return JSON.stringify(items.map((item) => ({ ...item, publicId: newId(random) })));
}

type Written = { created: boolean };

/** Makes districts or brings them up to date. */
export async function upsertDistricts(
  { tables, random, tenant }: BulkDeps,
  items: readonly { readonly externalId: string; readonly name: string }[],
): Promise<Tally> {
  const written = await tables.execute<Written>(sql`
    INSERT INTO district AS d (public_id, tenant, external_id, name)
    SELECT r."publicId", ${tenant}, r."externalId", r.name
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, name text)
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name WHERE d.name <> excluded.name
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** What an import says of a department; `district` by external id. */
export interface DepartmentInput {
  readonly externalId: string;
  readonly name: string;
  readonly kind: string;
  readonly district?: string | undefined;
  readonly ean: string;
  readonly ownStaff: boolean;
}

/** Makes departments or brings them up to date. */
export async function upsertDepartments(
  { tables, random, tenant }: BulkDeps,
  items: readonly DepartmentInput[],
): Promise<Tally> {
  const written = await tables.execute<Written>(sql`
    INSERT INTO department AS d (public_id, tenant, external_id, name, kind, district, ean, own_staff)
    SELECT r."publicId", ${tenant}, r."externalId", r.name, r.kind, x.id, r.ean, r."ownStaff"
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, name text,
        kind text, district text, ean text, "ownStaff" boolean)
      LEFT JOIN district x ON x.tenant = ${tenant} AND x.external_id = r.district
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
      district = excluded.district, ean = excluded.ean, own_staff = excluded.own_staff
    WHERE (d.name, d.kind, d.district, d.ean, d.own_staff) IS DISTINCT FROM
      (excluded.name, excluded.kind, excluded.district, excluded.ean, excluded.own_staff)
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** Makes providers or brings them up to date. `contractEnd` is the contract's last day, in the tenant's zone. */
export async function upsertProviders(
  { tables, random, tenant }: BulkDeps,
  items: readonly { readonly externalId: string; readonly name: string; readonly contractEnd?: string | undefined }[],
): Promise<Tally> {
  const written = await tables.execute<Written>(sql`
    INSERT INTO provider AS p (public_id, tenant, external_id, name, contract_end)
    SELECT r."publicId", t.id, r."externalId", r.name, (r."contractEnd" + 1)::timestamp AT TIME ZONE t.time_zone
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, name text,
        "contractEnd" date)
      JOIN tenant t ON t.id = ${tenant}
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name, contract_end = excluded.contract_end
    WHERE (p.name, p.contract_end) IS DISTINCT FROM (excluded.name, excluded.contract_end)
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** Departments by key. */
export async function departmentsByIds(tables: Tables, ids: readonly number[]): Promise<readonly DepartmentRow[]> {
  return tables
    .select()
    .from(department)
    .where(inArray(department.id, [...ids]));
}

/** Providers by key. */
export async function providersByIds(tables: Tables, ids: readonly number[]): Promise<readonly ProviderRow[]> {
  return tables
    .select()
    .from(provider)
    .where(inArray(provider.id, [...ids]));
}

/** The department with this public id. */
export async function departmentByPublicId(tables: Tables, publicId: string): Promise<DepartmentRow | undefined> {
  const [row] = await tables.select().from(department).where(eq(department.publicId, publicId));
  return row;
}

/** The provider with this public id. */
export async function providerByPublicId(tables: Tables, publicId: string): Promise<ProviderRow | undefined> {
  const [row] = await tables.select().from(provider).where(eq(provider.publicId, publicId));
  return row;
}
