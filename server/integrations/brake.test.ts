import { afterAll, beforeAll, expect, test } from "vitest";
import type { World } from "@portner/schema/world";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing } from "../kernel/sealing.ts";
import type { Tally } from "../people/index.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { ENDED_FREELY_MAX, endingMany } from "./brake.ts";
import { importWorld, type ImportKind, type ImportOptions, type ImportReport } from "./index.ts";

const TOWN = generateTown({ seed: 21, locks: 300 });

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

function importing(world: World, options: ImportOptions = {}) {
  const sealing = createSealing(systemRandom.bytes(32), systemRandom);
  const means = { database: db.database, hub: newId(systemRandom), clock: systemClock, random: systemRandom, sealing };
  return importWorld({ ...means, endSessions: () => Promise.resolve([]) }, worldText(world), options);
}

async function imported(world: World, options: ImportOptions = {}): Promise<ImportReport> {
  const done = await importing(world, options);
  if (!done.ok) throw new InvariantError(JSON.stringify(done.failure));
  return done.value;
}

/** Everything that an import may end, and the journal, as it stands. */
async function standing(): Promise<unknown> {
  const { raw } = db.database;
  return {
    tenant: await raw`SELECT name, hotline_phone FROM tenant`,
    persons: await raw`SELECT external_id, name, active FROM person ORDER BY id`,
    memberships: await raw`SELECT id, valid_until FROM membership ORDER BY id`,
    paths: await raw`SELECT bundle, path FROM bundle_path ORDER BY bundle, path`,
    journal: await raw`SELECT seq FROM journal ORDER BY seq`,
  };
}

function tallies(kind: ImportKind, { ended, stood }: Pick<Tally, "ended" | "stood">): ImportReport["kinds"] {
  const none = { created: 0, updated: 0, unchanged: 0, ended: 0, stood: 0 };
  const lists = { tenant: none, districts: none, departments: none, providers: none, bundles: none, employees: none };
  const places = { housingCompanies: none, addresses: none, citizens: none, doors: none, paths: none, locks: none };
  return { ...lists, ...places, memberships: none, bundlePaths: none, [kind]: { ...none, ended, stood } };
}

test.each([
  { ended: 0, stood: 0, isMany: false },
  { ended: 1, stood: 1, isMany: true },
  { ended: 14, stood: 15, isMany: false },
  { ended: 15, stood: 15, isMany: true },
  { ended: 20, stood: 21, isMany: false },
  { ended: 21, stood: 22, isMany: true },
  { ended: 21, stood: 209, isMany: true },
  { ended: 21, stood: 210, isMany: false },
  { ended: 100, stood: 1_000, isMany: false },
  { ended: 101, stood: 1_000, isMany: true },
])("$ended of $stood of a kind is many: $isMany", ({ ended, stood, isMany }) => {
  for (const kind of ["employees", "memberships", "bundlePaths"] as const) {
    expect(endingMany(tallies(kind, { ended, stood }))).toEqual(isMany ? [{ kind, ended, stood }] : []);
  }
});

test("the first town is taken in, into a tenant that stands without anybody, too", async () => {
  await imported({ ...TOWN, employees: [], memberships: [], paths: [] });
  const { kinds, endsMany } = await imported(TOWN);
  expect([kinds.employees.stood, kinds.memberships.stood, kinds.bundlePaths.stood, endsMany]).toEqual([0, 0, 0, []]);
});

test("a file with an empty list is refused whole, with how many of how many would end", async () => {
  const before = await standing();
  const active = TOWN.employees.filter((employee) => employee.active).length;
  const renamed = { ...TOWN.tenant, name: "Anden Kommune" };
  const done = await importing({ ...TOWN, tenant: renamed, employees: [], memberships: [] });
  expect(done).toMatchObject({ ok: false, failure: { code: "ENDS_MANY" } });
  const { kinds, endsMany } = await imported({ ...TOWN, employees: [], memberships: [] }, { dryRun: true });
  const members = kinds.memberships.stood;
  expect(members).toBeGreaterThan(ENDED_FREELY_MAX);
  expect(endsMany).toEqual([
    { kind: "employees", ended: active, stood: active },
    { kind: "memberships", ended: members, stood: members },
  ]);
  expect(done.ok ? undefined : done.failure).toEqual({ code: "ENDS_MANY", endings: endsMany });
  expect(await standing()).toEqual(before);
});

test("a file without paths is refused for what bundles open", async () => {
  const before = await standing();
  const pairs = TOWN.paths.flatMap(({ bundles }) => bundles).length;
  const failure = { code: "ENDS_MANY", endings: [{ kind: "bundlePaths", ended: pairs, stood: pairs }] };
  expect(await importing({ ...TOWN, paths: [] })).toEqual({ ok: false, failure });
  expect(await standing()).toEqual(before);
});

test("as many as a file may end leave without a word, and one more only where that is asked for", async () => {
  const active = TOWN.employees.filter((employee) => employee.active);
  const limit = Math.max(ENDED_FREELY_MAX, Math.floor(active.length / 10));
  const leaving = (count: number): World => {
    const gone = new Set(active.slice(0, count).map(({ externalId }) => externalId));
    const employees = TOWN.employees.map((each) => (gone.has(each.externalId) ? { ...each, active: false } : each));
    return { ...TOWN, employees };
  };
  expect(active.length).toBeGreaterThan(limit + 1);
  const before = await standing();
  expect((await imported(leaving(limit), { dryRun: true })).endsMany).toEqual([]);
  const failure = { code: "ENDS_MANY", endings: [{ kind: "employees", ended: limit + 1, stood: active.length }] };
  expect(await importing(leaving(limit + 1))).toEqual({ ok: false, failure });
  expect(await standing()).toEqual(before);
  expect((await imported(leaving(limit + 1), { dryRun: true, endMany: true })).endsMany).toEqual([]);
  const done = await imported(leaving(limit + 1), { endMany: true });
  expect([done.kinds.employees.ended, done.sequence !== undefined]).toEqual([limit + 1, true]);
  const again = await imported(TOWN);
  expect(again.kinds.employees.updated).toBe(limit + 1);
  expect((await imported(leaving(limit))).kinds.employees.ended).toBe(limit);
});

test("a file with faults and an empty list tells the faults first", async () => {
  const doors = TOWN.doors.map((door, at) => (at === 0 ? { ...door, address: "nowhere" } : door));
  const done = await importing({ ...TOWN, employees: [], memberships: [], doors });
  expect(done).toMatchObject({ ok: false, failure: { code: "WORLD_FAULTY" } });
});
