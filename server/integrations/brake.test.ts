import { afterAll, beforeAll, expect, test } from "vitest";
import type { World } from "@portner/schema/world";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing } from "../kernel/sealing.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { ENDED_FREELY_MAX, isMany } from "./brake.ts";
import { importWorld, type ImportOptions, type ImportReport } from "./index.ts";

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

/** How many pairs of employee and bundle let somebody in, as the file has them. */
function letIns({ employees, memberships, policy }: World): number {
  const visitsOnly = new Set<string>(policy.visitOnly);
  const staff = employees.filter((each) => each.active && !visitsOnly.has(each.profession));
  const names = new Set(staff.map(({ externalId }) => externalId));
  const lasting = memberships.filter(({ employee, to }) => {
    return names.has(employee) && (to === undefined || Date.parse(to) > systemClock.now());
  });
  return new Set(lasting.map(({ employee, bundle }) => `${employee} ${bundle}`)).size;
}

function inDays(days: number): string {
  return new Date(systemClock.now() + days * 24 * 3_600_000).toISOString();
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
])("$ended of $stood of a kind is many: $isMany", ({ ended, stood, isMany: expected }) => {
  expect(isMany({ ended, stood })).toBe(expected);
});

test("the first town is taken in, into a tenant that stands without anybody, too", async () => {
  await imported({ ...TOWN, employees: [], memberships: [], paths: [] });
  expect((await imported(TOWN, { dryRun: true })).endsMany).toEqual([]);
  expect((await imported(TOWN)).sequence).toBeDefined();
});

test("a file with an empty list is refused whole, with how many of how many would end", async () => {
  const before = await standing();
  const active = TOWN.employees.filter((employee) => employee.active).length;
  const renamed = { ...TOWN.tenant, name: "Anden Kommune" };
  const done = await importing({ ...TOWN, tenant: renamed, employees: [], memberships: [] });
  expect(done).toMatchObject({ ok: false, failure: { code: "ENDS_MANY" } });
  const { endsMany } = await imported({ ...TOWN, employees: [], memberships: [] }, { dryRun: true });
  const members = letIns(TOWN);
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

test("memberships that are planned anew, and hold when they held, have not ended", async () => {
  const planned = TOWN.memberships.map((each) => ({ ...each, from: inDays(-1), to: inDays(14) }));
  expect((await imported({ ...TOWN, memberships: planned }, { dryRun: true })).endsMany).toEqual([]);
});

test.each<{ by: string; world: World }>([
  { by: "a date", world: { ...TOWN, memberships: TOWN.memberships.map((each) => ({ ...each, to: inDays(-1) })) } },
  {
    by: "a beginning to come",
    world: {
      ...TOWN,
      memberships: TOWN.memberships.map(({ employee, bundle }) => ({ employee, bundle, from: inDays(1) })),
    },
  },
  {
    by: "a profession that enters on visits only",
    world: {
      ...TOWN,
      policy: { ...TOWN.policy, visitOnly: ["temp"] },
      employees: TOWN.employees.map((each) => ({ ...each, profession: "temp" as const })),
    },
  },
])("who is shut out by $by is counted, and the file is refused", async ({ world }) => {
  const before = await standing();
  const stood = letIns(TOWN);
  const failure = { code: "ENDS_MANY", endings: [{ kind: "memberships", ended: stood, stood }] };
  expect(await importing(world)).toEqual({ ok: false, failure });
  expect(await standing()).toEqual(before);
});

test("a provider's contract that is over shuts its people out", async () => {
  const [provider] = TOWN.providers;
  const carers = TOWN.memberships.map(({ employee }) => employee).filter((_, at) => at % 2 === 0);
  const theirs = new Set(carers);
  const employees = TOWN.employees.map(({ department, ...each }) =>
    theirs.has(each.externalId) ? { ...each, provider: provider?.externalId } : { ...each, department },
  );
  const shared = { ...TOWN, employees };
  expect((await imported(shared)).sequence).toBeDefined();
  const stood = letIns(shared);
  const ended = stood - letIns({ ...shared, employees: employees.filter((each) => each.provider === undefined) });
  expect(isMany({ ended, stood })).toBe(true);
  const providers = TOWN.providers.map((each) => ({ ...each, contractEnd: inDays(-2).slice(0, 10) }));
  const failure = { code: "ENDS_MANY", endings: [{ kind: "memberships", ended, stood }] };
  expect(await importing({ ...shared, providers })).toEqual({ ok: false, failure });
  expect((await imported(TOWN)).sequence).toBeDefined();
});

test("as many as a file may end leave without a word, and one more only where that is asked for", async () => {
  const members = new Set(TOWN.memberships.map(({ employee }) => employee));
  // Who is in no bundle first, so that few memberships end with them.
  const active = TOWN.employees
    .filter((employee) => employee.active)
    .toSorted((a, b) => Number(members.has(a.externalId)) - Number(members.has(b.externalId)));
  const limit = Math.max(ENDED_FREELY_MAX, Math.floor(active.length / 10));
  const leaving = (count: number): World => {
    const gone = new Set(active.slice(0, count).map(({ externalId }) => externalId));
    const employees = TOWN.employees.map((each) => (gone.has(each.externalId) ? { ...each, active: false } : each));
    return { ...TOWN, employees };
  };
  expect(active.length).toBeGreaterThan(limit + 1);
  const before = await standing();
  expect((await imported(leaving(limit), { dryRun: true })).endsMany).toEqual([]);
  const employees = { kind: "employees", ended: limit + 1, stood: active.length };
  const refused = await importing(leaving(limit + 1));
  expect(refused).toMatchObject({ ok: false, failure: { code: "ENDS_MANY" } });
  expect(refused.ok || refused.failure.code !== "ENDS_MANY" ? [] : refused.failure.endings).toContainEqual(employees);
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
