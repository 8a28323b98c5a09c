import { department, person, provider } from "@portner/drizzle";
import { foldText } from "@portner/schema/text";
import { and, eq, inArray, isNull, or, sql, type SQL } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import { tallyOf, type Tally } from "../tally.ts";
import { bulkJson, type BulkDeps } from "./organisation.ts";

/** An employee or temp, as stored. */
export type PersonRow = typeof person.$inferSelect;

/** What an import says of a person; `department` and `provider` by external id, exactly one of them. */
export interface PersonInput {
  readonly externalId: string;
  readonly name: string;
  readonly profession: string;
  readonly roles: readonly string[];
  readonly department?: string | undefined;
  readonly provider?: string | undefined;
  readonly active: boolean;
}

/**
 * Closes every active person who is not among the active ones given: who left, and who is not named any more.
 * Answers their keys.
 */
async function closeOthers({ tables, tenant }: BulkDeps, items: readonly PersonInput[]) {
  const active = JSON.stringify(items.filter((item) => item.active).map((item) => item.externalId));
  return tables.execute<{ id: number; external_id: string }>(sql`
    UPDATE person SET active = false
    WHERE tenant = ${tenant} AND active
      AND external_id NOT IN (SELECT jsonb_array_elements_text(${active}::text::jsonb))
    RETURNING id, external_id`);
}

/**
 * Makes the persons what the file says, the file being the whole staff. Who was closed in the hub itself stays closed.
 * `closed` are the keys of those who were active until now, `changed` of all whose row is another now, closed ones too.
 */
export async function upsertPersons(
  deps: BulkDeps,
  items: readonly PersonInput[],
): Promise<{ readonly tally: Tally; readonly closed: readonly number[]; readonly changed: readonly number[] }> {
  const { tables, random, tenant } = deps;
  const closed = await closeOthers(deps, items);
  const rows = items.map((item) => ({ ...item, folded: foldText(item.name) }));
  const written = await tables.execute<{ id: number; external_id: string; created: boolean }>(sql`
    INSERT INTO person AS p (public_id, tenant, external_id, name, folded, profession, roles, department, provider, active)
    SELECT r."publicId", ${tenant}, r."externalId", r.name, r.folded, r.profession,
      ARRAY(SELECT jsonb_array_elements_text(r.roles)), d.id, v.id, r.active
    FROM jsonb_to_recordset(${bulkJson(random, rows)}::text::jsonb) AS r("publicId" text, "externalId" text, name text,
        folded text, profession text, roles jsonb, department text, provider text, active boolean)
      LEFT JOIN department d ON d.tenant = ${tenant} AND d.external_id = r.department
      LEFT JOIN provider v ON v.tenant = ${tenant} AND v.external_id = r.provider
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name, folded = excluded.folded,
      profession = excluded.profession, roles = excluded.roles, department = excluded.department,
      provider = excluded.provider, active = excluded.active AND p.closed_at IS NULL
    WHERE (p.name, p.folded, p.profession, p.roles, p.department, p.provider, p.active) IS DISTINCT FROM
      (excluded.name, excluded.folded, excluded.profession, excluded.roles, excluded.department, excluded.provider,
       excluded.active AND p.closed_at IS NULL)
    RETURNING id, external_id, (xmax = 0) AS created`);
  const gone = new Set(closed.map((row) => row.external_id));
  const others = items.filter((item) => !gone.has(item.externalId));
  const touched = written.filter((row) => !gone.has(row.external_id));
  const changed = [...new Set([...closed, ...written].map((row) => row.id))];
  const tally = tallyOf(others.length, touched, closed.length);
  return { tally, closed: closed.map((row) => row.id), changed };
}

/** Marks a person as closed in the hub itself. False when that was done before. */
export async function markClosed(
  tables: Tables,
  { id, at }: { readonly id: number; readonly at: number },
): Promise<boolean> {
  const rows = await tables
    .update(person)
    .set({ active: false, closedAt: new Date(at) })
    .where(and(eq(person.id, id), isNull(person.closedAt)))
    .returning({ id: person.id });
  return rows.length === 1;
}

/** Persons by key. */
export async function personsByIds(tables: Tables, ids: readonly number[]): Promise<readonly PersonRow[]> {
  return tables
    .select()
    .from(person)
    .where(inArray(person.id, [...ids]));
}

/** The person whom the care system knows by this user id. */
export async function personByExternalId(
  tables: Tables,
  { tenant, externalId }: { readonly tenant: number; readonly externalId: string },
): Promise<PersonRow | undefined> {
  const [row] = await tables
    .select()
    .from(person)
    .where(and(eq(person.tenant, tenant), eq(person.externalId, externalId)));
  return row;
}

/** A user id as somebody says or types it, and among whom it is looked for. */
export interface SaidUserId {
  readonly tenant: number;
  readonly userId: string;
  readonly scope?: PersonScope | undefined;
}

/** Persons looked at for one user id: of a number that so many have, nobody is meant. */
const MEANT_MAX = 20;

/** Whom a user id may mean, however it is written: with or without what stands before its digits. */
async function personsMeant(tables: Tables, { tenant, userId, scope = {} }: SaidUserId): Promise<readonly PersonRow[]> {
  const typed = plainId(userId);
  if (typed === "") return [];
  const meant = isIdNumber(typed)
    ? sql`regexp_replace(${person.plainId}, '[^0-9]', '', 'g') = ${typed}`
    : eq(person.plainId, typed);
  return tables
    .select()
    .from(person)
    .where(and(eq(person.tenant, tenant), scopeCondition(scope), meant))
    .orderBy(sql`${person.active} DESC`, person.id)
    .limit(MEANT_MAX);
}

function onlyOne(rows: readonly PersonRow[]): PersonRow | undefined {
  return rows.length === 1 ? rows[0] : undefined;
}

/** The one active person whom a caller means by a user id. Undefined when nobody has it, or more than one may be meant. */
export async function activePersonByUserId(tables: Tables, said: SaidUserId): Promise<PersonRow | undefined> {
  const meant = await personsMeant(tables, said);
  return onlyOne(meant.filter(({ active }) => active));
}

/**
 * The person whom a user id means, as for a caller; also one who is not active any more, where no active person has it,
 * and always the one whose id is written exactly so: what a list shows leads to whom it showed.
 */
export async function personByUserId(tables: Tables, said: SaidUserId): Promise<PersonRow | undefined> {
  const meant = await personsMeant(tables, said);
  const active = meant.filter((row) => row.active);
  const exact = meant.find(({ externalId }) => externalId === said.userId.trim());
  return exact ?? onlyOne(active.length > 0 ? active : meant);
}

/** The person with this public id. */
export async function personByPublicId(tables: Tables, publicId: string): Promise<PersonRow | undefined> {
  const [row] = await tables.select().from(person).where(eq(person.publicId, publicId));
  return row;
}

/** A found person, with the name of the department or provider. */
export interface FoundPerson {
  readonly person: PersonRow;
  readonly organisation: string | null;
}

/** Escapes what LIKE would read as a wildcard. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

/** Whom a search may show. Absent: everybody of the tenant. */
export interface PersonScope {
  readonly departments?: readonly number[] | undefined;
  readonly providers?: readonly number[] | undefined;
}

function scopeCondition({ departments, providers }: PersonScope): SQL | undefined {
  if (departments === undefined && providers === undefined) return undefined;
  const own = or(
    inArray(person.department, [...(departments ?? [])]),
    inArray(person.provider, [...(providers ?? [])]),
  );
  return own;
}

/** Digits of a user id that are looked for without what stands before them; fewer stand in too many. */
const ID_DIGITS_MIN = 3;

/** A user id that begins with the text, or ends with it where it is a number; hyphens and spaces don't count. */
function byUserId(text: string): SQL {
  const typed = plainId(text);
  const begins = sql`${person.plainId} LIKE ${`${typed}%`}`;
  return isIdNumber(typed) ? sql`(${begins} OR ${person.plainId} LIKE ${`%${typed}`})` : begins;
}

function isIdNumber(typed: string): boolean {
  return typed.length >= ID_DIGITS_MIN && /^\d+$/.test(typed);
}

/** A user id as it is compared: letters and digits, in capitals. */
export function plainId(text: string): string {
  return text.toUpperCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/**
 * Persons whose user id starts with the text or ends with it as a number, or each of whose words starts a word of the
 * name: active ones first, then by name. `limit` at most; nothing for a text without letters or digits.
 */
export async function searchPeople(
  tables: Tables,
  { text, tenant, limit, scope = {} }: { text: string; tenant: number; limit: number; scope?: PersonScope },
): Promise<readonly FoundPerson[]> {
  const words = foldText(text).split(" ");
  if (words[0] === "") return [];
  const byName = words.map((word) => sql`(' ' || ${person.folded}) LIKE ${`% ${literal(word)}%`}`);
  const found = or(byUserId(text), and(...byName));
  return tables
    .select({ person, organisation: sql<string | null>`coalesce(${department.name}, ${provider.name})` })
    .from(person)
    .leftJoin(department, eq(department.id, person.department))
    .leftJoin(provider, eq(provider.id, person.provider))
    .where(and(eq(person.tenant, tenant), scopeCondition(scope), found))
    .orderBy(sql`${person.active} DESC`, person.folded, person.id)
    .limit(limit);
}
