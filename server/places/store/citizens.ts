import { address, citizen } from "@portner/drizzle";
import { foldText } from "@portner/schema/text";
import { and, eq, inArray, or, sql, type SQL } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import { bulkJson, tallyOf, type BulkDeps, type Tally } from "../../people/index.ts";
import { foldAddress } from "../address-text.ts";

/** A citizen, as stored. Names leave the store only towards who may read them. */
export type CitizenRow = typeof citizen.$inferSelect;

/** Makes citizens or brings them up to date; `address` by external id. */
export async function upsertCitizens(
  { tables, random, tenant }: BulkDeps,
  items: readonly {
    readonly externalId: string;
    readonly name: string;
    readonly entryReason: string;
    readonly emergencyCall: boolean;
    readonly address: string;
  }[],
): Promise<Tally> {
  const rows = items.map((item) => ({ ...item, folded: foldText(item.name) }));
  const written = await tables.execute<{ created: boolean }>(sql`
    INSERT INTO citizen AS c (public_id, tenant, external_id, name, folded, entry_reason, emergency_call, address)
    SELECT r."publicId", ${tenant}, r."externalId", r.name, r.folded, r."entryReason", r."emergencyCall", a.id
    FROM jsonb_to_recordset(${bulkJson(random, rows)}::text::jsonb) AS r("publicId" text, "externalId" text, name text,
        folded text, "entryReason" text, "emergencyCall" boolean, address text)
      JOIN address a ON a.tenant = ${tenant} AND a.external_id = r.address
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name, folded = excluded.folded,
      entry_reason = excluded.entry_reason, emergency_call = excluded.emergency_call, address = excluded.address
    WHERE (c.name, c.folded, c.entry_reason, c.emergency_call, c.address) IS DISTINCT FROM
      (excluded.name, excluded.folded, excluded.entry_reason, excluded.emergency_call, excluded.address)
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** Citizens by key. */
export async function citizensByIds(tables: Tables, ids: readonly number[]): Promise<readonly CitizenRow[]> {
  return tables
    .select()
    .from(citizen)
    .where(inArray(citizen.id, [...ids]));
}

/** The citizen with this public id. */
export async function citizenByPublicId(tables: Tables, publicId: string): Promise<CitizenRow | undefined> {
  const [row] = await tables.select().from(citizen).where(eq(citizen.publicId, publicId));
  return row;
}

/** What a search looks for, where, and how much of it. */
export interface PlaceQuery {
  readonly text: string;
  readonly tenant: number;
  readonly limit: number;
  /** Districts the caller may see. Absent: all of the tenant. */
  readonly districts?: readonly number[] | undefined;
}

/** Each word must start a word of the folded text; the words are folded, so they hold no wildcard. */
function everyWord(column: SQL, folded: string): SQL | undefined {
  return and(...folded.split(" ").map((word) => sql`(' ' || ${column}) LIKE ${`% ${word}%`}`));
}

function inDistricts(districts: readonly number[] | undefined): SQL | undefined {
  return districts === undefined ? undefined : inArray(address.district, [...districts]);
}

/** Citizens by a part of the name, by the care system's id, or by where they live. For look-ups with a purpose only. */
export async function searchCitizens(tables: Tables, query: PlaceQuery): Promise<readonly CitizenRow[]> {
  const name = foldText(query.text);
  if (name === "") return [];
  const byPlace = everyWord(sql`${address.folded}`, foldAddress(query.text));
  const found = await tables
    .select({ citizen })
    .from(citizen)
    .innerJoin(address, eq(address.id, citizen.address))
    .where(
      and(
        eq(citizen.tenant, query.tenant),
        inDistricts(query.districts),
        or(everyWord(sql`${citizen.folded}`, name), byPlace, eq(citizen.externalId, query.text.trim())),
      ),
    )
    .orderBy(sql`${citizen.emergencyCall} DESC`, citizen.folded, citizen.id)
    .limit(query.limit);
  return found.map((row) => row.citizen);
}
