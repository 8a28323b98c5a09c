import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { systemRandom } from "../kernel/random.ts";
import { personByUserId, searchPeople, type PersonScope } from "../people/index.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { AddressBook, lookUpCitizen, pathHomesOfCitizens, stepsOfPaths, type LookUpInput } from "./index.ts";

let db: TownDatabase;
let recorder: Recorder;

beforeAll(async () => {
  db = await townDatabase({ locks: 120 });
  recorder = new Recorder({ sql: db.database.hot, hub: db.hub, clock: systemClock });
});
afterAll(() => db.drop());

function lookUp(input: Partial<LookUpInput>) {
  const deps = { database: db.database, recorder, clock: systemClock, random: systemRandom };
  return lookUpCitizen(deps, {
    tenant: db.tenant,
    text: "",
    purpose: "opkald til hotline",
    answersCall: false,
    ...input,
  });
}

async function consultations(): Promise<readonly { data: unknown; body: string }[]> {
  return db.database.raw<{ data: unknown; body: string }[]>`
    SELECT j.data, t.body FROM journal j JOIN journal_text t ON t.id = (j.data->'purpose'->>'id')::uuid
    WHERE j.kind = 'citizen.consulted' ORDER BY j.seq`;
}

test("every home is found by its address as people type it, and by no other tenant", async () => {
  const book = new AddressBook(db.database.tables);
  const everybody = (): boolean => true;
  const search = await book.ofTenant(db.tenant);
  for (const home of db.world.addresses) {
    const { street, number, floor, side } = home;
    const typed = `${street.toUpperCase().replaceAll("Å", "AA")} ${number}${floor === undefined ? "" : `, ${floor}. ${side ?? ""}.`}`;
    expect(search.find(typed, 1, everybody).map((found) => found.address.externalId)).toEqual([home.externalId]);
  }
  const text = db.world.addresses[0]?.street ?? "";
  expect((await book.ofTenant(db.tenant + 1)).find(text, 50, everybody)).toEqual([]);
});

test("an address book is read again once a town was imported", async () => {
  const book = new AddressBook(db.database.tables);
  const before = await book.ofTenant(db.tenant);
  expect(await book.ofTenant(db.tenant)).toBe(before);
  book.forget();
  expect(await book.ofTenant(db.tenant)).not.toBe(before);
});

test("a text without letters, or with wildcards, finds nothing that it does not name", async () => {
  for (const text of ["", "  ", "%", "_", "%%%"]) {
    expect(await searchPeople(db.database.tables, { text, tenant: db.tenant, limit: 50 })).toEqual([]);
  }
  expect(await searchPeople(db.database.tables, { text: "%a", tenant: db.tenant, limit: 5 })).not.toHaveLength(0);
});

test("employees are found by user id or by parts of their name, within the caller's reach", async () => {
  const tables = db.database.tables;
  const someone = db.world.employees.find((each) => each.active && each.department !== undefined);
  const byId = await searchPeople(tables, {
    text: (someone?.externalId ?? "").toLowerCase(),
    tenant: db.tenant,
    limit: 5,
  });
  expect(byId.map((found) => found.person.externalId)).toEqual([someone?.externalId]);
  const parts = (someone?.name ?? "")
    .split(" ")
    .map((part) => part.slice(0, 3))
    .toReversed()
    .join(" ");
  const byName = await searchPeople(tables, { text: parts, tenant: db.tenant, limit: 200 });
  expect(byName.map((found) => found.person.externalId)).toContain(someone?.externalId);
  const own = byId[0]?.person.department ?? 0;
  const question = { text: someone?.externalId ?? "", tenant: db.tenant, limit: 5 };
  expect(await searchPeople(tables, { ...question, scope: { departments: [own] } })).toHaveLength(1);
  expect(await searchPeople(tables, { ...question, scope: { departments: [own + 1] } })).toEqual([]);
  expect(await searchPeople(tables, { ...question, scope: { departments: [] } })).toEqual([]);
});

test("a citizen is looked up by name with a purpose, and the entry tells who was seen and why", async () => {
  const citizen = db.world.citizens[3];
  const caller = db.world.employees.find(({ active }) => active)?.externalId ?? "";
  const done = await lookUp({
    text: citizen?.name ?? "",
    callerId: ` fj ${caller.replaceAll(/\D/g, "")} `,
    purpose: "  døren åbner ikke ",
  });
  expect(done.ok && done.value.citizens.map((row) => row.externalId)).toContain(citizen?.externalId);
  const last = (await consultations()).at(-1);
  expect(JSON.parse(last?.body ?? "")).toEqual({ purpose: "døren åbner ikke", callerId: caller });
  expect(last?.data).toMatchObject({ citizens: done.ok ? done.value.citizens.map((row) => row.id) : [] });
  expect(JSON.stringify(last?.data)).not.toContain("døren");
});

test("a caller is meant however the user id is said, and nobody where two could be", async () => {
  const [one, two] = db.world.employees.filter(({ active }) => active).map(({ externalId }) => externalId);
  const digits = one?.replaceAll(/\D/g, "") ?? "";
  for (const callerId of [one, digits, `fj-${digits}`, ` FJ ${digits}`]) {
    expect(await lookUp({ text: "Hansen", callerId })).toMatchObject({ ok: true, value: { callerId: one } });
    expect(JSON.parse((await consultations()).at(-1)?.body ?? "")).toMatchObject({ callerId: one });
  }
  await db.database.raw`UPDATE person SET external_id = ${`XX${digits}`} WHERE external_id = ${two ?? ""}`;
  expect(await lookUp({ text: "Hansen", callerId: digits })).toMatchObject({ failure: { code: "CALLER_UNKNOWN" } });
  expect(await lookUp({ text: "Hansen", callerId: one })).toMatchObject({ ok: true });
});

test("a look-up that finds nobody is an entry too, one without a purpose or text is refused and is none", async () => {
  expect(await lookUp({ text: "Zzyzx Qwrty" })).toEqual({ ok: true, value: { citizens: [], callerId: null } });
  const before = (await consultations()).length;
  expect(await lookUp({ text: "Hansen", purpose: "  " })).toMatchObject({ failure: { code: "PURPOSE_MISSING" } });
  expect(await lookUp({ text: "Hansen", purpose: "x".repeat(301) })).toMatchObject({
    failure: { code: "PURPOSE_MISSING" },
  });
  expect(await lookUp({ text: "H" })).toMatchObject({ failure: { code: "TEXT_INVALID" } });
  const gone = db.world.employees.at(-1)?.externalId ?? "";
  await db.database.raw`UPDATE person SET active = false WHERE external_id = ${gone}`;
  for (const callerId of ["x".repeat(65), "FJ9999", gone]) {
    expect(await lookUp({ text: "Hansen", callerId })).toMatchObject({ failure: { code: "CALLER_UNKNOWN" } });
  }
  expect(await consultations()).toHaveLength(before);
});

test("a path leads from the street inwards, with the locks on its doors", async () => {
  const world = db.world;
  const wanted = world.paths.find((path) => path.doors.length > 1);
  const done = await lookUp({ text: wanted?.citizen ?? "" });
  const [row] = done.ok ? done.value.citizens : [];
  const [path] = await pathHomesOfCitizens(db.database.tables, [row?.id ?? 0]);
  const steps = await stepsOfPaths(db.database.tables, [path?.path.id ?? 0]);
  expect(steps.map((step) => step.door.externalId)).toEqual(wanted?.doors);
  const locked = new Set(world.locks.map((lock) => lock.door));
  expect(steps.map((step) => step.lock !== null)).toEqual(wanted?.doors.map((door) => locked.has(door)));
});

test("an employee is found by the same user ids as a caller, also one who left, and by nobody's number in another reach", async () => {
  const { tables } = db.database;
  const [, , one] = db.world.employees.filter(({ active }) => active).map(({ externalId }) => externalId);
  const digits = one?.replaceAll(/\D/g, "") ?? "";
  const find = async (userId: string, scope?: PersonScope) =>
    (await personByUserId(tables, { tenant: db.tenant, userId, scope }))?.externalId;
  for (const said of [one ?? "", digits, ` fj-${digits} `]) expect(await find(said)).toBe(one);
  expect(await find(digits, { departments: [] })).toBeUndefined();
  expect(await find("")).toBeUndefined();
  const gone = db.world.employees.at(-1)?.externalId ?? "";
  await db.database.raw`UPDATE person SET active = false WHERE external_id = ${gone}`;
  expect(await find(gone.replaceAll(/\D/g, ""))).toBe(gone);
});
