import {
  address,
  bundle,
  bundlePath,
  citizen,
  credential,
  department,
  door,
  lock,
  lockUnit,
  membership,
  path,
  pathDoor,
  person,
  provider,
  tenant,
} from "@portner/drizzle";
import type { Database, Sql, Tables } from "../kernel/database.ts";
import type { RightsTables } from "./access-oracle.ts";
import { publicIdOf } from "./rights-world.ts";

/** When everything in the town below became valid. */
const LONG_AGO = new Date("2020-01-01T00:00:00Z");
const PLACES = [1, 2, 3, 4, 5, 6] as const;
const STAFF = [1, 2, 3, 4, 5, 6] as const;

/**
 * A small town in Postgres, keys counted from 1: one municipality, department 1 and provider 1, two bundles; six homes, the
 * path to each through stairwell 7 (lock 7) and its own door, home 6's without a lock; six carers with a phone (keys 1–6)
 * and a smartkey (7–12) each, carers 5 and 6 of the provider; carer n is in bundle 1 + n mod 2.
 */
export async function fillSmallTown(database: Database): Promise<void> {
  const { tables } = database;
  await fillStaff(tables);
  await fillPlaces(tables);
  await tables.insert(bundle).values([1, 2].map((id) => ({ tenant: 1, name: `b${id}`, ...ids("bundle", id) })));
  await tables.insert(bundlePath).values(PLACES.map((id) => ({ bundle: 1 + (id % 2), path: id })));
  await tables.insert(membership).values(
    STAFF.map((id) => {
      const publicId = publicIdOf("membership", id);
      return { publicId, tenant: 1, person: id, bundle: 1 + (id % 2), validFrom: LONG_AGO };
    }),
  );
}

function ids(table: string, id: number): { publicId: string; externalId: string } {
  return { publicId: publicIdOf(table, id), externalId: `${table}-${id}` };
}

async function fillStaff(tables: Tables): Promise<void> {
  const municipality = { publicId: publicIdOf("tenant", 1), name: "Fjordby", timeZone: "Europe/Copenhagen" };
  await tables.insert(tenant).values({ ...municipality, remoteOpen: "onePerson", visitOnly: ["temp"] });
  await tables.insert(department).values({ tenant: 1, name: "Nord", kind: "homeCare", ...ids("department", 1) });
  await tables.insert(provider).values({ tenant: 1, name: "Omsorg", ...ids("provider", 1) });
  await tables.insert(person).values(
    STAFF.map((id) => {
      const organisation = id > 4 ? { provider: 1 } : { department: 1 };
      return {
        tenant: 1,
        name: `carer ${id}`,
        profession: id === 6 ? "temp" : "helper",
        ...organisation,
        ...ids("person", id),
      };
    }),
  );
  const forms = ["phone", "smartkey"] as const;
  await tables.insert(credential).values(
    forms.flatMap((form, at) =>
      STAFF.map((id) => {
        const key = id + at * STAFF.length;
        const device = { model: "model", publicKey: new Uint8Array(32).fill(key), publicId: publicIdOf("cred", key) };
        return { tenant: 1, person: id, form, validFrom: LONG_AGO, ...device };
      }),
    ),
  );
}

async function fillPlaces(tables: Tables): Promise<void> {
  const street = { street: "Havnegade", number: "1", postalCode: "9999", city: "Fjordby", folded: "havnegade 1" };
  await tables.insert(address).values({ tenant: 1, ...street, ...ids("address", 1) });
  const someone = { name: "n", folded: "n", entryReason: "emergencyCall", emergencyCall: true, address: 1 };
  await tables.insert(citizen).values(PLACES.map((id) => ({ tenant: 1, ...someone, ...ids("citizen", id) })));
  const doors = [...PLACES, 7].map((id) => {
    return { tenant: 1, kind: id === 7 ? ("stairwell" as const) : ("flat" as const), address: 1, ...ids("door", id) };
  });
  await tables.insert(door).values(doors);
  await tables.insert(path).values(PLACES.map((id) => ({ tenant: 1, citizen: id, ...ids("path", id) })));
  await tables.insert(pathDoor).values(
    PLACES.flatMap((id) => [
      { path: id, position: 0, door: 7 },
      { path: id, position: 1, door: id },
    ]),
  );
  const legal = { legalBasis: "SEL §112", consentReference: "c", consentAt: LONG_AGO, model: "model" };
  const locked = [1, 2, 3, 4, 5, 7];
  await tables
    .insert(lock)
    .values(
      locked.map((at) => ({ tenant: 1, door: at, serial: `S${at}`, publicId: publicIdOf("lock", at), ...legal })),
    );
  const board = { claimDigest: "d", brokerSecretDigest: new Uint8Array(32), model: "model", firmware: "1" };
  await tables.insert(lockUnit).values(
    locked.map((_, at) => {
      const publicKey = new Uint8Array(32).fill(at + 1);
      return { tenant: 1, lock: at + 1, publicId: publicIdOf("unit", at + 1), publicKey, ...board };
    }),
  );
}

/** Reads the tables for the oracle, by statements that share nothing with the index's own reading. */
export async function readRightsTables(sql: Sql): Promise<RightsTables> {
  const time = (value: Date | null): number | null => value?.getTime() ?? null;
  type Row<Name extends keyof RightsTables> = RightsTables[Name][number];
  type Dated<Base, Name extends keyof Base> = Omit<Base, Name> & { [Key in Name]: Date } & { until: Date | null };
  const credentials = await sql<Dated<Omit<Row<"credentials">, "validUntil">, "validFrom">[]>`
    SELECT id, tenant, person, form, generation, valid_from AS "validFrom", valid_until AS until FROM credential`;
  const memberships = await sql<Dated<Omit<Row<"memberships">, "validUntil">, "validFrom">[]>`
    SELECT id, person, bundle, valid_from AS "validFrom", valid_until AS until FROM membership`;
  const blocks = await sql<Dated<Row<"blocks">, "placedAt" | "denyUntil">[]>`
    SELECT id, tenant, subject_type AS "subjectType", subject, placed_at AS "placedAt", deny_until AS "denyUntil"
    FROM block`;
  const providers = await sql<{ id: number; until: Date | null }[]>`SELECT id, contract_end AS until FROM provider`;
  return {
    tenants: await sql<Row<"tenants">[]>`SELECT id, remote_open AS "remoteOpen" FROM tenant`,
    locks: await sql<Row<"locks">[]>`SELECT id, tenant, door FROM lock`,
    units: await sql<Row<"units">[]>`SELECT id, lock, decommissioned_at IS NOT NULL AS decommissioned,
      quarantined_at IS NOT NULL AS quarantined FROM lock_unit`,
    pathDoors: await sql<Row<"pathDoors">[]>`SELECT path, position, door FROM path_door`,
    bundlePaths: await sql<Row<"bundlePaths">[]>`SELECT bundle, path FROM bundle_path`,
    persons: await sql<Row<"persons">[]>`
      SELECT p.id, p.tenant, p.department, p.provider, p.active, p.profession = ANY (t.visit_only) AS "visitsOnly"
      FROM person p JOIN tenant t ON t.id = p.tenant`,
    lifts: await sql<Row<"lifts">[]>`SELECT block FROM block_lift`,
    providers: providers.map(({ id, until }) => ({ id, contractEnd: time(until) })),
    credentials: credentials.map(({ until, validFrom, ...row }) => {
      return { ...row, validFrom: validFrom.getTime(), validUntil: time(until) };
    }),
    memberships: memberships.map(({ until, validFrom, ...row }) => {
      return { ...row, validFrom: validFrom.getTime(), validUntil: time(until) };
    }),
    blocks: blocks.map(({ placedAt, denyUntil, ...row }) => {
      return { ...row, placedAt: placedAt.getTime(), denyUntil: denyUntil.getTime() };
    }),
  };
}
