import { bundle, bundlePath, membership, person } from "@portner/drizzle";
import { and, eq, inArray, isNull, lt, or, sql } from "drizzle-orm";
import type { Instant } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import { bulkJson, tallyOf, type BulkDeps, type Tally } from "../../people/index.ts";
import type { MembershipPlan, StandingSpan } from "./plan-memberships.ts";

/** A key bundle, as stored. */
export type BundleRow = typeof bundle.$inferSelect;
/** A membership, as stored. */
export type MembershipRow = typeof membership.$inferSelect;

/** Rights by name, each with whether it holds already; the others are still to come. */
export type Rights = ReadonlyMap<string, boolean>;

/** Everything by which people of a municipality get in, at a moment or later. */
export interface StandingRights {
  /** Active employees. */
  readonly employees: Rights;
  /** Who is let in by which bundle: not who may enter on visits only, nor a provider's people after its contract. */
  readonly memberships: Rights;
  /** Which bundle opens which path. */
  readonly bundlePaths: Rights;
}

/** Makes bundles or brings them up to date. */
export async function upsertBundles(
  { tables, random, tenant }: BulkDeps,
  items: readonly { readonly externalId: string; readonly name: string }[],
): Promise<Tally> {
  const written = await tables.execute<{ created: boolean }>(sql`
    INSERT INTO bundle AS b (public_id, tenant, external_id, name)
    SELECT r."publicId", ${tenant}, r."externalId", r.name
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, name text)
    ON CONFLICT (tenant, external_id) DO UPDATE SET name = excluded.name WHERE b.name <> excluded.name
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** Makes the bundles open exactly these paths, both by external id; what is not named any more is taken out. */
export async function syncBundlePaths(
  { tables, tenant }: BulkDeps,
  items: readonly { readonly bundle: string; readonly path: string }[],
): Promise<Tally> {
  const [row] = await tables.execute<{ created: number; ended: number }>(sql`
    WITH wanted AS MATERIALIZED (
      SELECT DISTINCT b.id AS bundle, p.id AS path
      FROM jsonb_to_recordset(${JSON.stringify(items)}::text::jsonb) AS r(bundle text, path text)
        JOIN bundle b ON b.tenant = ${tenant} AND b.external_id = r.bundle
        JOIN path p ON p.tenant = ${tenant} AND p.external_id = r.path
    ), taken AS (
      DELETE FROM bundle_path x USING bundle b
      WHERE b.id = x.bundle AND b.tenant = ${tenant}
        AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.bundle = x.bundle AND w.path = x.path)
      RETURNING 1
    ), made AS (
      INSERT INTO bundle_path (bundle, path) SELECT bundle, path FROM wanted ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT (SELECT count(*) FROM made)::integer AS created, (SELECT count(*) FROM taken)::integer AS ended`);
  const { created, ended } = row ?? { created: 0, ended: 0 };
  return { created, updated: 0, unchanged: items.length - created, ended };
}

/** Every membership of a tenant, and the keys of its bundles and persons by external id. */
export async function standingMemberships(
  tables: Tables,
  tenant: number,
): Promise<{
  readonly spans: readonly StandingSpan[];
  readonly bundles: ReadonlyMap<string, number>;
  readonly persons: ReadonlyMap<string, number>;
}> {
  const rows = await tables.select().from(membership).where(eq(membership.tenant, tenant)).orderBy(membership.id);
  const keys = { id: bundle.id, externalId: bundle.externalId };
  const bundles = await tables.select(keys).from(bundle).where(eq(bundle.tenant, tenant));
  const names = { id: person.id, externalId: person.externalId };
  const persons = await tables.select(names).from(person).where(eq(person.tenant, tenant));
  return {
    spans: rows.map((row) => ({
      id: row.id,
      person: row.person,
      bundle: row.bundle,
      from: row.validFrom.getTime(),
      until: row.validUntil?.getTime() ?? null,
    })),
    bundles: new Map(bundles.map((row) => [row.externalId, row.id])),
    persons: new Map(persons.map((row) => [row.externalId, row.id])),
  };
}

/** Carries out a plan, each kind of change in one statement. */
export async function carryOutPlan({ tables, random, tenant }: BulkDeps, plan: MembershipPlan): Promise<void> {
  if (plan.grant.length > 0) {
    await tables.execute(sql`
      INSERT INTO membership (public_id, tenant, person, bundle, valid_from, valid_until)
      SELECT r."publicId", ${tenant}, r.person, r.bundle, to_timestamp(r."from" / 1000), to_timestamp(r.until / 1000)
      FROM jsonb_to_recordset(${bulkJson(random, plan.grant)}::text::jsonb) AS r("publicId" text, person integer,
        bundle integer, "from" double precision, until double precision)`);
  }
  const ends = [...plan.move, ...plan.open.map((id) => ({ id, until: null }))];
  if (ends.length > 0) {
    await tables.execute(sql`
      UPDATE membership m SET valid_until = to_timestamp(r.until / 1000)
      FROM jsonb_to_recordset(${JSON.stringify(ends)}::text::jsonb) AS r(id integer, until double precision)
      WHERE m.id = r.id AND m.tenant = ${tenant}`);
  }
}

/** The person and bundle that a membership would join, and the one that stands between them; both rows are held. */
export async function holdPair(
  tables: Tables,
  {
    tenant,
    employee,
    bundle: name,
    from,
  }: { readonly tenant: number; readonly employee: string; readonly bundle: string; readonly from: Date },
) {
  const [who] = await tables
    .select({ id: person.id, active: person.active })
    .from(person)
    .where(and(eq(person.tenant, tenant), eq(person.externalId, employee)))
    // Two grants of one person follow each other, so that the second sees the first.
    .for("no key update");
  const [what] = await tables
    .select({ id: bundle.id })
    .from(bundle)
    .where(and(eq(bundle.tenant, tenant), eq(bundle.externalId, name)));
  if (who === undefined || what === undefined) return { person: who, bundle: what, standing: false };
  const [standing] = await tables
    .select({ id: membership.id })
    .from(membership)
    .where(
      and(
        eq(membership.person, who.id),
        eq(membership.bundle, what.id),
        or(
          isNull(membership.validUntil),
          lt(sql`greatest(${from.toISOString()}::timestamptz, valid_from)`, membership.validUntil),
        ),
      ),
    )
    .limit(1);
  return { person: who, bundle: what, standing: standing !== undefined };
}

/** Stores a membership. */
export async function insertMembership(
  tables: Tables,
  values: Omit<typeof membership.$inferInsert, "id">,
): Promise<MembershipRow | undefined> {
  const [row] = await tables.insert(membership).values(values).returning();
  return row;
}

/** Finds a membership of the tenant by its public id and holds it. */
export async function holdMembership(
  tables: Tables,
  { tenant, publicId }: { readonly tenant: number; readonly publicId: string },
): Promise<MembershipRow | undefined> {
  const [row] = await tables
    .select()
    .from(membership)
    .where(and(eq(membership.tenant, tenant), eq(membership.publicId, publicId)))
    .for("update");
  return row;
}

/** Ends a membership. */
export async function setEnd(tables: Tables, { id, until }: { readonly id: number; readonly until: Date }) {
  await tables.update(membership).set({ validUntil: until }).where(eq(membership.id, id));
}

/** Bundles by key. */
export async function bundlesByIds(tables: Tables, ids: readonly number[]): Promise<readonly BundleRow[]> {
  return tables
    .select()
    .from(bundle)
    .where(inArray(bundle.id, [...ids]));
}

/** Every membership these persons have or had. */
export async function membershipsOfPersons(
  tables: Tables,
  persons: readonly number[],
): Promise<readonly MembershipRow[]> {
  return tables
    .select()
    .from(membership)
    .where(inArray(membership.person, [...persons]))
    .orderBy(membership.id);
}

/** The paths that these bundles open. */
export async function pathsOfBundles(
  tables: Tables,
  bundles: readonly number[],
): Promise<readonly { readonly bundle: number; readonly path: number }[]> {
  return tables
    .select()
    .from(bundlePath)
    .where(inArray(bundlePath.bundle, [...bundles]));
}

/** Reads the rights that stand in a tenant, named by its public id; none where there is no such tenant yet. */
export async function standingRights(
  tables: Tables,
  { tenant, now }: { readonly tenant: string; readonly now: Instant },
): Promise<StandingRights> {
  const rows = await tables.execute<{ kind: keyof StandingRights; name: string; holds: boolean }>(sql`
    WITH t AS (SELECT id, visit_only FROM tenant WHERE public_id = ${tenant}),
      moment AS (SELECT to_timestamp(${now}::double precision / 1000) AS now),
      employee AS (SELECT p.*, t.visit_only FROM person p JOIN t ON t.id = p.tenant WHERE p.active)
    SELECT 'employees' AS kind, id::text AS name, true AS holds FROM employee
    UNION ALL
    SELECT 'memberships', m.person || ' ' || m.bundle, bool_or(m.valid_from <= moment.now)
    FROM moment, membership m
      JOIN employee p ON p.id = m.person AND p.profession <> ALL (p.visit_only)
      LEFT JOIN provider v ON v.id = p.provider
    WHERE (m.valid_until IS NULL OR m.valid_until > greatest(moment.now, m.valid_from))
      AND (v.contract_end IS NULL OR v.contract_end > moment.now)
    GROUP BY m.person, m.bundle
    UNION ALL
    SELECT 'bundlePaths', x.bundle || ' ' || x.path, true
    FROM bundle_path x JOIN bundle b ON b.id = x.bundle JOIN t ON t.id = b.tenant`);
  const of = (kind: keyof StandingRights): Rights =>
    new Map(rows.filter((row) => row.kind === kind).map(({ name, holds }) => [name, holds]));
  return { employees: of("employees"), memberships: of("memberships"), bundlePaths: of("bundlePaths") };
}
