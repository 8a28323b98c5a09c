import { address } from "@portner/drizzle";
import { eq, inArray, sql } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import { bulkJson, tallyOf, type BulkDeps, type Tally } from "../../people/index.ts";
import { foldedAddress } from "../address-text.ts";

/** An address, as stored. */
export type AddressRow = typeof address.$inferSelect;

type Written = { created: boolean };

/** Makes housing companies or brings them up to date. */
export async function upsertHousingCompanies(
  { tables, random, tenant }: BulkDeps,
  items: readonly { readonly externalId: string; readonly name: string }[],
): Promise<Tally> {
  const written = await tables.execute<Written>(sql`
    INSERT INTO housing_company AS h (tenant, external_id, name)
    SELECT ${tenant}, r."externalId", r.name
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("externalId" text, name text)
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name WHERE h.name <> excluded.name
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** What an import says of an address; `district` by external id. */
export interface AddressInput {
  readonly externalId: string;
  readonly street: string;
  readonly number: string;
  readonly floor?: string | undefined;
  readonly side?: string | undefined;
  readonly postalCode: string;
  readonly city: string;
  readonly district: string;
}

/** Makes addresses or brings them up to date. */
export async function upsertAddresses(
  { tables, random, tenant }: BulkDeps,
  items: readonly AddressInput[],
): Promise<Tally> {
  const rows = items.map((item) => ({ ...item, folded: foldedAddress(item) }));
  const written = await tables.execute<Written>(sql`
    INSERT INTO address AS a (public_id, tenant, external_id, street, number, floor, side, postal_code, city, district, folded)
    SELECT r."publicId", ${tenant}, r."externalId", r.street, r.number, r.floor, r.side, r."postalCode", r.city, d.id, r.folded
    FROM jsonb_to_recordset(${bulkJson(random, rows)}::text::jsonb) AS r("publicId" text, "externalId" text, street text,
        number text, floor text, side text, "postalCode" text, city text, district text, folded text)
      LEFT JOIN district d ON d.tenant = ${tenant} AND d.external_id = r.district
    ON CONFLICT (tenant, external_id) DO UPDATE SET street = excluded.street, number = excluded.number,
      floor = excluded.floor, side = excluded.side, postal_code = excluded.postal_code, city = excluded.city,
      district = excluded.district, folded = excluded.folded
    WHERE (a.street, a.number, a.floor, a.side, a.postal_code, a.city, a.district, a.folded) IS DISTINCT FROM
      (excluded.street, excluded.number, excluded.floor, excluded.side, excluded.postal_code, excluded.city,
       excluded.district, excluded.folded)
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** Every address of a tenant. */
export async function addressesOfTenant(tables: Tables, tenant: number): Promise<readonly AddressRow[]> {
  return tables.select().from(address).where(eq(address.tenant, tenant));
}

/** Addresses by key. */
export async function addressesByIds(tables: Tables, ids: readonly number[]): Promise<readonly AddressRow[]> {
  return tables
    .select()
    .from(address)
    .where(inArray(address.id, [...ids]));
}

/** The address with this public id. */
export async function addressByPublicId(tables: Tables, publicId: string): Promise<AddressRow | undefined> {
  const [row] = await tables.select().from(address).where(eq(address.publicId, publicId));
  return row;
}
