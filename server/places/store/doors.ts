import { citizen, door, lock, path, pathDoor } from "@portner/drizzle";
import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Tables } from "../../kernel/database.ts";
import { bulkJson, tallyOf, type BulkDeps, type Tally } from "../../people/index.ts";

/** A door, as stored. */
export type DoorRow = typeof door.$inferSelect;
/** A path to a citizen, as stored. */
export type PathRow = typeof path.$inferSelect;

type Written = { created: boolean };

/** Makes doors or brings them up to date; `address` and `housingCompany` by external id. */
export async function upsertDoors(
  { tables, random, tenant }: BulkDeps,
  items: readonly {
    readonly externalId: string;
    readonly kind: DoorRow["kind"];
    readonly address: string;
    readonly housingCompany?: string | undefined;
  }[],
): Promise<Tally> {
  const written = await tables.execute<Written>(sql`
    INSERT INTO door AS d (public_id, tenant, external_id, kind, address, housing_company)
    SELECT r."publicId", ${tenant}, r."externalId", r.kind, a.id, h.id
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, kind text,
        address text, "housingCompany" text)
      JOIN address a ON a.tenant = ${tenant} AND a.external_id = r.address
      LEFT JOIN housing_company h ON h.tenant = ${tenant} AND h.external_id = r."housingCompany"
    ON CONFLICT (tenant, external_id) DO UPDATE SET kind = excluded.kind, address = excluded.address,
      housing_company = excluded.housing_company
    WHERE (d.kind, d.address, d.housing_company) IS DISTINCT FROM
      (excluded.kind, excluded.address, excluded.housing_company)
    RETURNING (xmax = 0) AS created`);
  return tallyOf(items.length, written);
}

/** What an import says of a path: its citizen and, street inwards, its doors, all by external id. */
export interface PathInput {
  readonly externalId: string;
  readonly citizen: string;
  readonly doors: readonly string[];
}

/** Makes paths or brings them up to date, their doors included. */
export async function upsertPaths({ tables, random, tenant }: BulkDeps, items: readonly PathInput[]): Promise<Tally> {
  const written = await tables.execute<Written & { external_id: string }>(sql`
    INSERT INTO path AS p (public_id, tenant, external_id, citizen)
    SELECT r."publicId", ${tenant}, r."externalId", c.id
    FROM jsonb_to_recordset(${bulkJson(random, items)}::text::jsonb) AS r("publicId" text, "externalId" text, citizen text)
      JOIN citizen c ON c.tenant = ${tenant} AND c.external_id = r.citizen
    ON CONFLICT (tenant, external_id) DO UPDATE SET citizen = excluded.citizen WHERE p.citizen <> excluded.citizen
    RETURNING external_id, (xmax = 0) AS created`);
  const known = new Set(written.map((row) => row.external_id));
  const moved = (await replacePathDoors(tables, tenant, items)).filter((row) => !known.has(row.external_id));
  return tallyOf(items.length, [...written, ...moved.map(() => ({ created: false }))]);
}

/** Puts the doors of the paths right; answers the paths whose doors were not. */
async function replacePathDoors(tables: Tables, tenant: number, items: readonly PathInput[]) {
  const wanted = JSON.stringify(items.map(({ externalId, doors }) => ({ externalId, doors })));
  const changed = await tables.execute<{ id: number; external_id: string; doors: number[] }>(sql`
    WITH wanted AS MATERIALIZED (
      SELECT p.id, p.external_id, array_agg(d.id ORDER BY e.n) AS doors
      FROM jsonb_to_recordset(${wanted}::text::jsonb) AS r("externalId" text, doors jsonb)
        JOIN path p ON p.tenant = ${tenant} AND p.external_id = r."externalId"
        CROSS JOIN LATERAL jsonb_array_elements_text(r.doors) WITH ORDINALITY AS e(door, n)
        JOIN door d ON d.tenant = ${tenant} AND d.external_id = e.door
      GROUP BY p.id, p.external_id
    ), standing AS (
      SELECT x.path, array_agg(x.door ORDER BY x.position) AS doors
      FROM path_door x JOIN wanted w ON w.id = x.path GROUP BY x.path
    )
    SELECT w.id, w.external_id, w.doors FROM wanted w LEFT JOIN standing s ON s.path = w.id
    WHERE w.doors IS DISTINCT FROM s.doors`);
  if (changed.length === 0) return [];
  const rows = changed.flatMap((it) => it.doors.map((id, position) => ({ path: it.id, position, door: id })));
  await tables.execute(sql`
    DELETE FROM path_door
    WHERE path IN (SELECT value::integer FROM jsonb_array_elements_text(${JSON.stringify(changed.map((it) => it.id))}::text::jsonb))`);
  await tables.execute(sql`
    INSERT INTO path_door (path, position, door)
    SELECT path, position, door
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) AS r(path integer, position integer, door integer)`);
  return [...changed];
}

/** Doors by key. */
export async function doorsByIds(tables: Tables, ids: readonly number[]): Promise<readonly DoorRow[]> {
  return tables
    .select()
    .from(door)
    .where(inArray(door.id, [...ids]));
}

/** The door with this public id. */
export async function doorByPublicId(tables: Tables, publicId: string): Promise<DoorRow | undefined> {
  const [row] = await tables.select().from(door).where(eq(door.publicId, publicId));
  return row;
}

/** A path with its home, for lists. */
export interface PathHome {
  readonly path: PathRow;
  readonly home: number;
  readonly emergencyCall: boolean;
}

/** Paths by key, with the address that each leads to. */
export async function pathsByIds(tables: Tables, ids: readonly number[]): Promise<readonly PathHome[]> {
  return tables
    .select({ path, home: citizen.address, emergencyCall: citizen.emergencyCall })
    .from(path)
    .innerJoin(citizen, eq(citizen.id, path.citizen))
    .where(inArray(path.id, [...ids]));
}

/** The path with this public id. */
export async function pathByPublicId(tables: Tables, publicId: string): Promise<PathHome | undefined> {
  const [row] = await tables
    .select({ path, home: citizen.address, emergencyCall: citizen.emergencyCall })
    .from(path)
    .innerJoin(citizen, eq(citizen.id, path.citizen))
    .where(eq(path.publicId, publicId));
  return row;
}

/** The paths to these citizens. */
export async function pathHomesOfCitizens(tables: Tables, citizens: readonly number[]): Promise<readonly PathHome[]> {
  return tables
    .select({ path, home: citizen.address, emergencyCall: citizen.emergencyCall })
    .from(path)
    .innerJoin(citizen, eq(citizen.id, path.citizen))
    .where(inArray(path.citizen, [...citizens]))
    .orderBy(path.id);
}

/** A door on a path, with the lock that sits on it, if any. */
export interface PathStep {
  readonly path: number;
  readonly position: number;
  readonly door: DoorRow;
  readonly lock: number | null;
}

/** The doors of these paths from the street inwards. */
export async function stepsOfPaths(tables: Tables, paths: readonly number[]): Promise<readonly PathStep[]> {
  return tables
    .select({ path: pathDoor.path, position: pathDoor.position, door, lock: lock.id })
    .from(pathDoor)
    .innerJoin(door, eq(door.id, pathDoor.door))
    .leftJoin(lock, eq(lock.door, door.id))
    .where(inArray(pathDoor.path, [...paths]))
    .orderBy(asc(pathDoor.path), asc(pathDoor.position));
}
