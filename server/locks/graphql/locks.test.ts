import type { TelemetryMessage } from "@portner/schema/mqtt";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { fieldsWithoutRule, nodesWithInheritedRule } from "../../graphql/rules.ts";
import { globalIdText } from "../../graphql/scalars.ts";
import type { Principal } from "../../identity/index.ts";
import { newEntry } from "../../journal/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import type { LockPlace } from "../directory/index.ts";
import { ManualClock } from "../../simulation/manual-clock.ts";
import {
  dashboardOf,
  nobody,
  phoneOf,
  startSchemaTown,
  tokenOf,
  type SchemaTown,
} from "../../simulation/schema-town.ts";

const COMMISSIONED = 6;
const clock = new ManualClock(Date.now());
let hub: SchemaTown;
let tenant: number;
/** The locks that have a unit, by address. */
let served: readonly LockPlace[];

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 60, lockClock: clock, beatMs: 10_000 });
  tenant = hub.town.tenant;
  await hub.commission(COMMISSIONED);
  await hub.core.directory.settled();
  served = hub.core.directory.ofTenant(tenant).filter((place) => hub.core.link.registry.byLock(place.lock));
});
afterAll(() => hub.stop());

const unitOf = (place: LockPlace): number => hub.core.link.registry.byLock(place.lock)?.unit ?? 0;

function hears(place: LockPlace, over: Partial<TelemetryMessage> = {}): void {
  const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;
  const telemetry: TelemetryMessage = {
    ...{ v: 1, unit: "unit-00000001", boot: 1, at: clock.now(), seq: 0, intervalMs: 30_000 },
    ...{ batteryIdleMillivolts: 6_000, temperatureCelsius: 8, rssiDbm: -70 },
    ...{ clockErrorMs: 40, clockTrusted: true, firmware: "1.2.0", facts },
    ...over,
  };
  hub.core.link.fleet.takeTelemetry(unitOf(place), place.lock, telemetry, clock.now());
}

let told = 0;
/** Records that a lock moved its bolt, or jammed. */
async function moves(place: LockPlace, bolt: "thrown" | "withdrawn" | "between"): Promise<void> {
  told += 1;
  const made = { boot: 1, sequence: told, clockTrusted: true, clockErrorMs: 0 };
  const entry = newEntry("lock.moved", {
    ...{ entryId: newId(systemRandom), occurredAt: clock.now(), tenant, lock: place.lock, unit: unitOf(place) },
    data: {
      ...{ ...made, cause: "hand", command: null, permit: null, bolt, latch: "extended" },
      ...{ durationMs: 900, batteryLoadMillivolts: 5_400 },
    },
  });
  await hub.core.recorder.record({ entries: [entry] });
  hub.core.tail.poke();
}

const LOCK = `query ($by: LockBy!) { lock(by: $by) { id serial inService addressText place { kind } address { line }
  bolt { value at ageMs } latch { value } door { value } freshness { state heardAt intervalMs }
  battery { idleMillivolts loadMillivolts } signalDbm firmware clock { trusted errorMs } quarantined problems { code sentence { da en } since } } }`;

const central = (): Principal => dashboardOf(tenant, [{ role: "A" }]);
const second = (): LockPlace => at(1);

function at(index: number): LockPlace {
  const place = served[index];
  if (place === undefined) throw new PortnerError("TOWN_TOO_SMALL", "too few locks in service");
  return place;
}

test("every field has a rule, and no type that node reaches only claims one", () => {
  expect(fieldsWithoutRule(hub.schema)).toEqual([]);
  expect(nodesWithInheritedRule(hub.schema)).toEqual([]);
});

test("a lock that never said a word is unknown in every fact, and says so as a problem", async () => {
  const { serial, lockId } = at(0);
  const { data, errors } = await hub.ask(LOCK, central(), { by: { serial } });
  expect(errors).toBeUndefined();
  expect(data?.lock).toMatchObject({
    ...{ id: globalIdText("Lock", lockId), serial, inService: true },
    ...{ bolt: { value: "UNKNOWN", at: null, ageMs: null }, latch: { value: "UNKNOWN" }, door: { value: "UNKNOWN" } },
    freshness: { state: "NEVER", heardAt: null, intervalMs: 30_000 },
    ...{ battery: null, signalDbm: null, firmware: "1.0.0", clock: null },
    problems: [{ code: "NEVER_HEARD", sentence: { da: "Låsen har aldrig meldt sig." }, since: null }],
  });
});

test("facts come with their age from events, readings from telemetry, and telemetry sets no fact", async () => {
  hears(second(), { batteryIdleMillivolts: 4_800, clockTrusted: false });
  const by = { id: globalIdText("Lock", second().lockId) };
  const before = await hub.ask(LOCK, central(), { by });
  expect(before.data?.lock).toMatchObject({ bolt: { value: "UNKNOWN" }, freshness: { state: "LIVE" } });
  await moves(second(), "between");
  await vi.waitFor(async () => {
    clock.advance(1_000);
    const { data } = await hub.ask(LOCK, central(), { by });
    expect(data?.lock).toMatchObject({ bolt: { value: "BETWEEN", ageMs: expect.any(Number) } });
  });
  const { data } = await hub.ask(LOCK, central(), { by });
  expect(Object(data?.lock).problems.map((each: { code: string }) => each.code)).toEqual([
    "JAMMED",
    "CLOCK_UNTRUSTED",
    "LOW_BATTERY",
  ]);
  expect(data?.lock).toMatchObject({ battery: { idleMillivolts: 4_800, loadMillivolts: 5_400 }, signalDbm: -70 });
});

test("a low battery is told to nobody who may see no battery: not as a problem, not in the verdict, not by a filter", async () => {
  const by = { id: globalIdText("Lock", second().lockId) };
  const WORDS = `query ($by: LockBy!) { lock(by: $by) { battery { idleMillivolts } problems { code } verdict { parts { code } } } }`;
  const LOW = `query ($problems: [LockProblemCode!]) { locks(filter: { problems: $problems }) { totalCount } }`;
  const sees = tokenOf(tenant, ["locks:read", "battery:read"]);
  const seesNone = tokenOf(tenant, ["locks:read"]);
  expect(JSON.stringify(await hub.ask(WORDS, sees, { by }))).toContain("LOW_BATTERY");
  expect((await hub.ask(LOW, sees, { problems: ["LOW_BATTERY"] })).data?.locks).toMatchObject({ totalCount: 1 });
  const withheld = await hub.ask(WORDS, seesNone, { by });
  expect(withheld.data?.lock).toMatchObject({ battery: null });
  expect(JSON.stringify(withheld)).not.toContain("LOW_BATTERY");
  for (const problems of [["LOW_BATTERY"], ["JAMMED", "LOW_BATTERY"]]) {
    const { errors } = await hub.ask(LOW, seesNone, { problems });
    expect(errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
  }
  expect((await hub.ask(LOW, seesNone, { problems: ["JAMMED"] })).errors).toBeUndefined();
});

test("whoever has no business with a lock reads that there is none", async () => {
  const by = { serial: second().serial };
  const somewhereElse = await districtWithout(second());
  const strangers: Principal[] = [
    dashboardOf(tenant + 1, [{ role: "A" }]),
    dashboardOf(tenant, [{ role: "C", department: somewhereElse }]),
    dashboardOf(tenant, [{ role: "I" }]),
    phoneOf(tenant, 999_999),
  ];
  for (const stranger of strangers) {
    const { data, errors } = await hub.ask(LOCK, stranger, { by });
    expect(data?.lock ?? null).toBeNull();
    expect(errors?.[0]?.originalError).toMatchObject({ code: "NOT_FOUND" });
  }
  for (const roleless of [dashboardOf(tenant, [{ role: "V" }]), tokenOf(tenant, ["events:read"]), nobody]) {
    const { errors } = await hub.ask(LOCK, roleless, { by });
    expect(["FORBIDDEN", "UNAUTHENTICATED"]).toContain(Object(errors?.[0]?.originalError).code);
  }
});

test("a department sees its own district's locks, and one that serves the whole town sees all", async () => {
  const count = async (department: number): Promise<number> => {
    const { data } = await hub.ask(
      "{ locks(first: 1) { totalCount } }",
      dashboardOf(tenant, [{ role: "C", department }]),
    );
    return Object(data?.locks).totalCount;
  };
  const all = hub.core.directory.ofTenant(tenant);
  const own = await districtWithout(at(0));
  expect(await count(own)).toBe(all.filter((place) => place.departments.includes(own)).length);
  const [night] = await hub.town.database.raw<{ id: number }[]>`SELECT id FROM department WHERE kind = 'night'`;
  expect(await count(night?.id ?? 0)).toBe(all.length);
});

test("the battery depot and a battery token see batteries and nothing live", async () => {
  const by = { serial: second().serial };
  for (const reader of [dashboardOf(tenant, [{ role: "B" }]), tokenOf(tenant, ["battery:read"])]) {
    const query = "query ($by: LockBy!) { lock(by: $by) { addressText battery { idleMillivolts } } }";
    expect((await hub.ask(query, reader, { by })).data).toMatchObject({ lock: { battery: { idleMillivolts: 4_800 } } });
    const live = await hub.ask("query ($by: LockBy!) { lock(by: $by) { bolt { value } } }", reader, { by });
    expect(live.errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
    const filtered = await hub.ask("{ locks(filter: { freshness: [NEVER] }) { totalCount } }", reader);
    expect(filtered.data).toEqual({ locks: { totalCount: 0 } });
  }
  const status = await hub.ask(LOCK, tokenOf(tenant, ["locks:read"]), { by });
  expect(status.data?.lock).toMatchObject({ bolt: { value: "BETWEEN" }, battery: null });
});

test("a list goes on behind its cursor, in order, and every filter narrows it", async () => {
  const query = `query ($filter: LockFilter, $first: Int, $after: String) { locks(filter: $filter, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } edges { cursor node { serial } } } }`;
  const all = hub.core.directory.ofTenant(tenant).map((place) => place.serial);
  const found: string[] = [];
  for (let after: string | null = null; ;) {
    const { data, errors } = await hub.ask(query, central(), { first: 17, after });
    expect(errors).toBeUndefined();
    const page = Object(data?.locks);
    found.push(...page.edges.map((edge: { node: { serial: string } }) => edge.node.serial));
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(found).toEqual(all);
  const count = async (filter: object): Promise<number> =>
    Object((await hub.ask(query, central(), { filter, first: 1 })).data?.locks).totalCount;
  expect(await count({ problems: ["JAMMED"] })).toBe(1);
  expect(await count({ freshness: ["NEVER"], text: at(0).serial.toLowerCase() })).toBe(1);
  expect(await count({ text: "ingen-gade-hedder-sådan" })).toBe(0);
  const district = globalIdText("District", second().districtId ?? "");
  const there = hub.core.directory.ofTenant(tenant).filter((place) => place.districtId === second().districtId);
  expect(await count({ districts: [district] })).toBe(there.length);
  const bad = await hub.ask(query, central(), { after: "nonsense" });
  expect(bad.errors?.[0]?.originalError).toMatchObject({ code: "INVALID_INPUT" });
});

test("the live list shows a snapshot, its end, each change, and silence that nobody sends", async () => {
  const stream = await hub.listen(
    "subscription { lockChanged(filter: { freshness: [LIVE, SILENT] }) { kind lock { serial freshness { state } } lockId } }",
    central(),
  );
  const next = async () => Object((await stream.next()).value?.data?.lockChanged);
  expect(await next()).toMatchObject({ kind: "SNAPSHOT", lock: { serial: second().serial } });
  expect(await next()).toMatchObject({ kind: "SNAPSHOT_END", lock: null });
  // Heard three times before the reader looks: shown once.
  for (const batteryIdleMillivolts of [4_800, 4_790, 4_780]) hears(second(), { batteryIdleMillivolts });
  expect(await next()).toMatchObject({ kind: "CHANGED", lock: { freshness: { state: "LIVE" } } });
  const left = next();
  clock.advance(60_000);
  expect(await left).toEqual({ kind: "LEFT", lock: null, lockId: globalIdText("Lock", second().lockId) });
  const silent = next();
  clock.advance(40_000);
  expect(await silent).toMatchObject({ kind: "CHANGED", lock: { freshness: { state: "SILENT" } } });
  const beat = next();
  clock.advance(10_000);
  expect(await beat).toEqual({ kind: "BEAT", lock: null, lockId: null });
  await stream.return?.();
});

test("messages that made no sense are shown page by page to who handles faults, a department its own", async () => {
  const rows = served.slice(0, 3).flatMap((place) => [place, place]);
  for (const { lock } of rows) {
    await hub.town.database.raw`
      INSERT INTO quarantined_message (tenant, lock, channel, fault, payload, bytes, received_at)
      VALUES (${tenant}, ${lock}, 'evt', 'BAD_SIGNATURE', ${Buffer.from("x")}, 1, now())`;
  }
  const query = `query ($after: String) { quarantinedMessages(first: 4, after: $after) {
    pageInfo { hasNextPage endCursor } edges { node { fault payloadBase64 lock { serial } } } } }`;
  const first = Object((await hub.ask(query, central())).data?.quarantinedMessages);
  expect(first.edges).toHaveLength(4);
  const rest = Object((await hub.ask(query, central(), { after: first.pageInfo.endCursor })).data?.quarantinedMessages);
  expect(rest.edges).toHaveLength(2);
  expect(rest.pageInfo.hasNextPage).toBe(false);
  const department = await districtWithout(at(0));
  const own = rows.filter((place) => place.departments.includes(department));
  const coordinator = dashboardOf(tenant, [{ role: "C", department }]);
  expect(Object((await hub.ask(query, coordinator)).data?.quarantinedMessages).edges).toHaveLength(
    Math.min(4, own.length),
  );
  const forbidden = await hub.ask(query, dashboardOf(tenant, [{ role: "V" }]));
  expect(forbidden.errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
});

/** A department of a district that the place does not lie in. */
async function districtWithout(place: LockPlace): Promise<number> {
  const [row] = await hub.town.database.raw<{ id: number }[]>`
    SELECT id FROM department WHERE tenant = ${tenant} AND district IS NOT NULL AND district <> ${place.district}
    ORDER BY id LIMIT 1`;
  return row?.id ?? 0;
}
