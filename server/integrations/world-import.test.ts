import { afterAll, beforeAll, expect, test } from "vitest";
import type { World } from "@portner/schema/world";
import { generateTown, worldText } from "../../lock-sim/town/generate.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { digestOfSecret, newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing } from "../kernel/sealing.ts";
import { openTenantKey, tenantByPublicId, tenantKeys, type EndSessions } from "../people/index.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { importWorld, type ImportOptions, type ImportReport } from "./index.ts";

/** Half the demo's size, for the sake of time; 1,200 and 20,000 by the variable. */
const LOCKS = Number(process.env.PORTNER_TEST_IMPORT_LOCKS ?? 600);
/** A thousand locks take under a second on an idle machine with two cores; a busy one is several times slower. */
const MS_PER_LOCK_MAX = 8;
const sealing = createSealing(systemRandom.bytes(32), systemRandom);
const hub = newId(systemRandom);
const closedPersons: (readonly number[])[] = [];
/** Stands in for identity: whoever left had one session, with the person's key. */
const endSessions: EndSessions = (_tables, { persons }) => {
  closedPersons.push(persons);
  return Promise.resolve(persons);
};
const deps = { hub, clock: systemClock, random: systemRandom, sealing, endSessions };

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

async function importing(world: World, options: ImportOptions = {}, into = db): Promise<ImportReport> {
  const done = await importWorld({ ...deps, database: into.database }, worldText(world), options);
  if (!done.ok) throw new InvariantError(JSON.stringify(done.failure).slice(0, 500));
  return done.value;
}

async function count(table: string): Promise<number> {
  const [row] = await db.database.raw.unsafe<{ n: number }[]>(`SELECT count(*)::integer AS n FROM ${table}`);
  return row?.n ?? -1;
}

async function revisionOf(): Promise<number> {
  const [row] = await db.database.raw<{ seq: string }[]>`SELECT seq FROM head`;
  return Number(row?.seq);
}

/** What a report changed: kinds whose tallies are not all `unchanged`. */
function changes(report: ImportReport): object {
  const changed = Object.entries(report.kinds).flatMap(([kind, { created, updated, ended }]) =>
    created + updated + ended > 0 ? [[kind, { created, updated, ended }]] : [],
  );
  return Object.fromEntries(changed);
}

/** A town whose locks have serials of their own: generated towns all count from the same number. */
function townOf(seed: number, locks: number): World {
  const world = generateTown({ seed, locks });
  return { ...world, locks: world.locks.map((lock) => ({ ...lock, serial: `T${seed}-${lock.serial}` })) };
}

const town = townOf(7, LOCKS);
const first = (id: string): World["employees"][number] => {
  const found = town.employees.find((employee) => employee.externalId === id);
  if (found === undefined) throw new InvariantError(`no employee ${id}`);
  return found;
};

test("a dry run reports what would change, and changes nothing", async () => {
  const report = await importing(town, { dryRun: true });
  expect(report).toMatchObject({ dryRun: true, kinds: { locks: { created: LOCKS }, tenant: { created: 1 } } });
  expect(report.sequence).toBeUndefined();
  expect([await count("tenant"), await count("lock"), await revisionOf()]).toEqual([0, 0, 0]);
});

test("a town is imported whole, with one entry, in seconds", async () => {
  const started = performance.now();
  const report = await importing(town, { demo: true });
  const tookMs = performance.now() - started;
  expect(tookMs).toBeLessThan(MS_PER_LOCK_MAX * LOCKS);
  console.info(`imported ${LOCKS} locks in ${Math.round(tookMs)} ms`);
  expect(report.sequence).toBe(1);
  for (const [kind, tally] of Object.entries(report.kinds)) {
    const given = kind === "tenant" ? 1 : kind === "bundlePaths" ? tally.created : null;
    const list: unknown = Object.entries(town).find(([name]) => name === kind)?.[1];
    const created = given ?? (Array.isArray(list) ? list.length : -1);
    expect({ kind, ...tally }).toEqual({ kind, created, updated: 0, unchanged: 0, ended: 0 });
  }
  const entries = await db.database.raw`SELECT kind, data FROM journal`;
  expect(entries).toMatchObject([{ kind: "world.imported", data: { counts: { "locks.created": LOCKS } } }]);
});

test("every list stands in the database as the file has it", async () => {
  const doors = await db.database.raw<{ path: string; doors: string[] }[]>`
    SELECT p.external_id AS path, array_agg(d.external_id ORDER BY x.position) AS doors
    FROM path p JOIN path_door x ON x.path = p.id JOIN door d ON d.id = x.door GROUP BY p.external_id`;
  expect(new Map(doors.map((row) => [row.path, row.doors]))).toEqual(
    new Map(town.paths.map((path) => [path.externalId, path.doors])),
  );
  const members = await db.database.raw<{ key: string; until: Date | null }[]>`
    SELECT p.external_id || ' ' || b.external_id || ' ' || (extract(epoch FROM m.valid_from) * 1000)::bigint AS key, m.valid_until AS until
    FROM membership m JOIN person p ON p.id = m.person JOIN bundle b ON b.id = m.bundle`;
  expect(new Map(members.map((row) => [row.key, row.until?.getTime()]))).toEqual(
    new Map(town.memberships.map((m) => [`${m.employee} ${m.bundle} ${Date.parse(m.from)}`, m.to && Date.parse(m.to)])),
  );
  const [provider] = await db.database.raw`SELECT contract_end FROM provider`;
  expect(provider).toEqual({ contract_end: new Date("2028-12-31T23:00:00Z") });
});

test("claims stand as digests only, and the tenant has a sealed key for each purpose", async () => {
  const rows = await db.database.raw<{ serial: string; claim_digest: string }[]>`SELECT serial, claim_digest FROM lock`;
  const digests = town.locks.map((lock) => [lock.serial, digestOfSecret(lock.claim).toString("hex")] as const);
  expect(new Map(rows.map((row) => [row.serial, row.claim_digest]))).toEqual(new Map(digests));
  const owner = await tenantByPublicId(db.database.tables, town.tenant.id);
  const keys = (await tenantKeys(db.database.tables, owner?.id ?? 0)).map((stored) => openTenantKey(sealing, stored));
  expect(keys.map((key) => key.purpose)).toEqual(["root", "command", "permit", "telemetry"]);
  expect(keys.map((key) => key.secret.length)).toEqual([32, 32, 32, 32]);
  expect(keys.map((key) => key.publicKey?.length)).toEqual([32, 32, 32, undefined]);
});

test("the same file twice changes nothing and appends no entry", async () => {
  const before = await revisionOf();
  const report = await importing(town);
  expect(changes(report)).toEqual({});
  expect(report.sequence).toBeUndefined();
  expect(await revisionOf()).toBe(before);
});

test("a changed file updates names, begins and ends memberships, and closes who left", async () => {
  const member = town.memberships.filter((m) => m.to === undefined && first(m.employee).active);
  const [leaver, mover] = [member[0]?.employee ?? "", member.at(-1)?.employee ?? ""];
  const unnamed = town.employees.find((e) => e.active && !member.some((m) => m.employee === e.externalId));
  const changed: World = {
    ...town,
    tenant: { ...town.tenant, hotlinePhone: "+4511111111" },
    employees: town.employees
      .filter((e) => e.externalId !== unnamed?.externalId)
      .map((e) => {
        if (e.externalId === leaver) return { ...e, active: false };
        return e.externalId === mover ? { ...e, name: "Åse Nyby" } : e;
      }),
    memberships: [
      ...town.memberships.filter((m) => m !== member.at(-1)),
      { employee: leaver, bundle: "bundt-havblik", from: "2026-01-01T00:00:00+01:00" },
    ],
  };
  const report = await importing(changed);
  expect(changes(report)).toEqual({
    tenant: { created: 0, updated: 1, ended: 0 },
    employees: { created: 0, updated: 1, ended: 2 },
    memberships: { created: 1, updated: 0, ended: 1 },
  });
  const rows = await db.database.raw<{ external_id: string; active: boolean; folded: string }[]>`
    SELECT external_id, active, folded FROM person WHERE external_id IN ${db.database.raw([leaver, mover, unnamed?.externalId ?? ""])}`;
  expect(new Map(rows.map((row) => [row.external_id, row.active]))).toEqual(
    new Map([
      [leaver, false],
      [mover, true],
      [unnamed?.externalId, false],
    ]),
  );
  expect(rows.find((row) => row.external_id === mover)?.folded).toBe("ase nyby");
  const ended = await db.database.raw`SELECT data FROM journal WHERE kind = 'session.ended'`;
  expect(ended).toEqual([{ data: { cause: "CLOSED", sessions: closedPersons.at(-1) } }]);
  expect(closedPersons.at(-1)).toHaveLength(2);
  expect(await count("membership")).toBe(town.memberships.length + 1);
  expect(changes(await importing(changed))).toEqual({});
  expect(changes(await importing(town))).toMatchObject({ employees: { updated: 3 } });
  expect(changes(await importing(town))).toEqual({});
});

test("a file that is silent about the hotline leaves its number, and one that says that there is none takes it away", async () => {
  const { hotlinePhone: _, ...silent } = town.tenant;
  const told = async (tenant: World["tenant"]): Promise<string | null | undefined> => {
    await importing({ ...town, tenant });
    return (await tenantByPublicId(db.database.tables, tenant.id))?.hotlinePhone;
  };
  expect(await told({ ...silent, hotlinePhone: "+4522222222" })).toBe("+4522222222");
  expect(await told(silent)).toBe("+4522222222");
  expect(await told({ ...silent, hotlinePhone: null })).toBeNull();
  expect(await told(town.tenant)).toBe(town.tenant.hotlinePhone);
});

test("who was closed in the hub stays closed, whatever the file says", async () => {
  const who = town.employees.find((employee) => employee.active)?.externalId ?? "";
  await db.database.raw`UPDATE person SET active = false, closed_at = now() WHERE external_id = ${who}`;
  expect(changes(await importing(town))).toEqual({});
  expect(await db.database.raw`SELECT active FROM person WHERE external_id = ${who}`).toEqual([{ active: false }]);
  await db.database.raw`UPDATE person SET active = true, closed_at = NULL WHERE external_id = ${who}`;
});

test("a used claim stays used, and a lock in service keeps its model", async () => {
  const [used, unused] = town.locks;
  await db.database.raw`UPDATE lock SET claim_digest = NULL WHERE serial = ${used?.serial ?? ""}`;
  const claim = Buffer.from(systemRandom.bytes(32)).toString("base64url");
  const again = {
    ...town,
    locks: town.locks.map((lock, at) =>
      at < 2 ? { ...lock, claim: at === 0 ? claim : lock.claim.replace(/^./, "x"), model: "Portner M9" } : lock,
    ),
  };
  expect(changes(await importing(again))).toEqual({ locks: { created: 0, updated: 1, ended: 0 } });
  const rows = await db.database.raw`SELECT serial, model, claim_digest IS NULL AS used FROM lock
    WHERE serial IN ${db.database.raw([used?.serial ?? "", unused?.serial ?? ""])} ORDER BY serial = ${used?.serial ?? ""} DESC`;
  expect(rows).toEqual([
    { serial: used?.serial, model: used?.model, used: true },
    { serial: unused?.serial, model: "Portner M9", used: false },
  ]);
});

test("a path that leaves a bundle or gets another door takes effect with the file", async () => {
  const gone = town.paths[0];
  const other = town.paths.find((path) => path !== gone && path.doors.length > 1);
  if (gone === undefined || other === undefined) throw new InvariantError("a town without paths");
  const paths = town.paths.flatMap((path) => {
    if (path === gone) return [];
    return [path === other ? { ...path, doors: path.doors.slice(1) } : path];
  });
  const report = await importing({ ...town, paths });
  expect(changes(report)).toMatchObject({
    paths: { created: 0, updated: 1, ended: 0 },
    bundlePaths: { created: 0, updated: 0, ended: gone.bundles.length },
  });
  expect(await count("path")).toBe(town.paths.length);
  await importing(town);
});

test("a file with faults imports nothing and tells every fault by its line", async () => {
  const before = await revisionOf();
  const text = worldText({ ...town, tenant: { ...town.tenant, name: "Anden" } }).replace(
    `"${town.doors[3]?.address}","housing`,
    `"nowhere","housing`,
  );
  const broken = text
    .replace(/"kind":"homecare"/, `"kind":"homecaring"`)
    .replace(/"profession":"nurse"/, `"profession":"nurs"`);
  const done = await importWorld({ ...deps, database: db.database }, broken);
  const lines = broken.split("\n");
  const lineOf = (needle: string): number => lines.findIndex((line) => line.includes(needle)) + 1;
  expect(done.ok ? [] : done.failure).toMatchObject({
    code: "WORLD_FAULTY",
    faults: expect.arrayContaining([
      expect.objectContaining({ line: lineOf("homecaring") }),
      expect.objectContaining({ line: lineOf(`"nurs"`) }),
    ]),
  });
  expect(await revisionOf()).toBe(before);
  expect(await db.database.raw`SELECT name FROM tenant`).toEqual([{ name: town.tenant.name }]);
});

test("what only the database can show is told by line too: a foreign serial, a moved lock, a taken door", async () => {
  const other = townOf(8, 40);
  await importing(other);
  const before = await revisionOf();
  const [one, two] = [town.locks[5], other.locks[6]];
  const home = other.addresses[0]?.externalId;
  if (one === undefined || two === undefined || home === undefined) throw new InvariantError("too small");
  const doors = [...other.doors, { externalId: "bare", kind: "flat" as const, address: home }];
  const locks = other.locks.map((lock, at) => {
    if (at === 5) return { ...lock, serial: one.serial };
    if (at === 6) return { ...lock, door: "bare" };
    return at === 7 ? { ...lock, serial: "PM-NEW-1" } : lock;
  });
  const text = worldText({ ...other, doors, locks });
  const done = await importWorld({ ...deps, database: db.database }, text);
  const at = (needle: string): number => text.split("\n").findIndex((line) => line.includes(needle)) + 1;
  expect(done).toMatchObject({
    ok: false,
    failure: {
      total: 3,
      faults: [
        { code: "SERIAL_TAKEN", path: "locks[5].serial", line: at(`"serial":"${one.serial}"`) },
        { code: "LOCK_MOVED", path: "locks[6].door", line: at(`"serial":"${two.serial}"`) },
        { code: "DOOR_TAKEN", path: "locks[7].door", line: at("PM-NEW-1") },
      ],
    },
  });
  expect(await revisionOf()).toBe(before);
});

test("of two imports of one town at once one waits for nobody: it says that another runs", async () => {
  const fresh = townOf(9, 300);
  const texts = [1, 2, 3].map(() => importWorld({ ...deps, database: db.database }, worldText(fresh)));
  const done = await Promise.all(texts);
  const stood = done.filter((each) => each.ok);
  expect(stood.length).toBeGreaterThanOrEqual(1);
  for (const each of done) if (!each.ok) expect(each.failure).toEqual({ code: "IMPORT_RUNNING" });
  expect(stood.filter((each) => each.ok && each.value.sequence !== undefined)).toHaveLength(1);
});
