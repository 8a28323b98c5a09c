import { afterAll, beforeAll, expect, test } from "vitest";
import { cursorText } from "@portner/schema/journal";
import { fieldsWithoutRule, nodesWithInheritedRule } from "../../../graphql/rules.ts";
import { globalIdText } from "../../../graphql/scalars.ts";
import type { Principal } from "../../../identity/index.ts";
import { newEntry, readAfter } from "../../../journal/index.ts";
import { PortnerError } from "../../../kernel/errors.ts";
import { newId } from "../../../kernel/ids.ts";
import { systemRandom } from "../../../kernel/random.ts";
import type { LockPlace } from "../../../locks/index.ts";
import { personByExternalId, type PersonRow } from "../../../people/index.ts";
import { pollUntil } from "../../../simulation/poll.ts";
import {
  dashboardOf,
  nobody,
  phoneOf,
  startSchemaTown,
  tokenOf,
  type SchemaTown,
} from "../../../simulation/schema-town.ts";

let hub: SchemaTown;
let tenant: number;
let carer: PersonRow;
/** A lock in another district than the carer's. */
let place: LockPlace;
let before: string;
const command = newId(systemRandom);
const opened = newId(systemRandom);

/** An opening by the carer's phone at the place, as openDoor and the lock record it, and one denial. */
async function open(): Promise<void> {
  const at = Date.now();
  const subject = { occurredAt: at, tenant, lock: place.lock, command };
  const decidedAtRevision = hub.core.index.revision.sequence;
  const expiresAt = at + 10_000;
  const authorised = newEntry("command.authorised", {
    ...{ ...subject, entryId: newId(systemRandom), person: carer.id, credential: 1, decidedAtRevision },
    data: { operation: command, position: 0, op: "open", generation: 1, expiresAt, basis: null },
  });
  const made = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0 };
  const moved = newEntry("lock.moved", {
    ...{ ...subject, entryId: opened },
    data: {
      ...{ ...made, cause: "command", command, permit: null, bolt: "withdrawn", latch: "retracted" },
      ...{ durationMs: 800, batteryLoadMillivolts: null },
    },
  });
  const denied = newEntry("opening.denied", {
    ...{ entryId: newId(systemRandom), occurredAt: at, tenant, lock: place.lock, person: carer.id, credential: 1 },
    data: {
      ...{ operation: newId(systemRandom), path: null, locks: [place.lock], refusedLock: place.lock },
      ...{ reasons: ["NO_BASIS"], body: "b" },
    },
  });
  for (const entry of [authorised, moved, denied]) {
    expect((await hub.core.recorder.record({ entries: [entry] })).outcome).toBe("recorded");
  }
  hub.core.tail.poke();
}

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 60, beatMs: 100 });
  tenant = hub.town.tenant;
  const externalId = hub.town.employee("sosuHelper");
  const found = await personByExternalId(hub.town.database.tables, { tenant, externalId });
  const other = hub.core.directory
    .ofTenant(tenant)
    .find((each) => found?.department !== undefined && !each.departments.includes(found.department ?? 0));
  if (found === undefined || other === undefined)
    throw new PortnerError("TOWN_TOO_SMALL", "no carer with a lock elsewhere");
  carer = found;
  place = other;
  const { epoch, headSequence } = await readAfter(hub.town.database.raw, 0, 0);
  before = cursorText({ epoch, sequence: headSequence });
  await open();
});
afterAll(() => hub.stop());

const EVENTS = `subscription ($after: Cursor, $filter: DoorEventFilter) { doorEvents(after: $after, filter: $filter) {
  cursor replayed gap { from oldest } node { __typename id occurredAt performedVia lock { serial addressText }
    actor { personId employeeId name pseudonym } ... on DoorOpened { commandId } ... on DoorDenied { reasons nextStep { route } } } } }`;

interface Edge {
  readonly cursor: string;
  readonly replayed: boolean;
  readonly node: { readonly __typename: string; readonly id: string; readonly actor: object | null } | null;
}

/** What a reader gets until the first beat. */
async function read(principal: Principal, filter?: object): Promise<Edge[]> {
  const stream = await hub.listen(EVENTS, principal, { after: before, filter });
  const edges: Edge[] = [];
  for await (const { data, errors } of stream) {
    expect(errors).toBeUndefined();
    const edge: Edge = Object(data?.doorEvents);
    if (edge.node === null) break;
    edges.push(edge);
  }
  return edges;
}

const coordinator = (department: number): Principal => dashboardOf(tenant, [{ role: "C", department }]);
const actors = (edges: readonly Edge[]) => edges.map(({ node }) => node?.actor);

test("every field has a rule, and no type that node reaches only claims one", () => {
  expect(fieldsWithoutRule(hub.schema)).toEqual([]);
  expect(nodesWithInheritedRule(hub.schema)).toEqual([]);
});

test("central administration gets each event once, with name, door and means", async () => {
  const edges = await read(dashboardOf(tenant, [{ role: "A" }]));
  expect(edges).toMatchObject([
    {
      replayed: true,
      node: {
        ...{ __typename: "DoorOpened", id: globalIdText("DoorOpened", opened), performedVia: "PHONE" },
        ...{ commandId: globalIdText("Command", command), lock: { serial: place.serial } },
        actor: { employeeId: carer.externalId, name: carer.name, pseudonym: null },
      },
    },
    { node: { __typename: "DoorDenied", reasons: ["NO_BASIS"], nextStep: { route: "coordinator" } } },
  ]);
  expect(new Set(edges.map(({ cursor }) => cursor)).size).toBe(2);
});

test("a coordinator gets what concerns the own people and the own doors, and nothing else", async () => {
  const [other] = await hub.town.database.raw<{ id: number }[]>`
    SELECT id FROM department WHERE tenant = ${tenant} AND district IS NOT NULL AND district <> ${place.district}
      AND id <> ${carer.department} LIMIT 1`;
  expect(await read(coordinator(carer.department ?? 0))).toHaveLength(2);
  expect(await read(coordinator(place.departments[0] ?? 0))).toHaveLength(2);
  expect(await read(coordinator(other?.id ?? 0))).toEqual([]);
  expect(await read(dashboardOf(tenant + 1, [{ role: "A" }]))).toEqual([]);
});

test("a carer's phone gets the own events only", async () => {
  expect(await read(phoneOf(tenant, carer.id))).toHaveLength(2);
  expect(await read(phoneOf(tenant, carer.id + 1))).toEqual([]);
  const query = "query ($id: ID!) { node(id: $id) { __typename } }";
  const id = globalIdText("DoorOpened", opened);
  expect((await hub.ask(query, phoneOf(tenant, carer.id), { id })).data).toEqual({
    node: { __typename: "DoorOpened" },
  });
  expect((await hub.ask(query, phoneOf(tenant, carer.id + 1), { id })).data).toEqual({ node: null });
});

test("the hotline sees address and user id; the name comes with a look-up for a purpose", async () => {
  const hotline = dashboardOf(tenant, [{ role: "H" }]);
  const stranger = { employeeId: carer.externalId, name: null, personId: null, pseudonym: null };
  expect(actors(await read(hotline))).toEqual([stranger, stranger]);
  const [citizen] = place.citizens;
  const purpose = { id: newId(systemRandom), digest: "0".repeat(64) };
  const entry = newEntry("citizen.consulted", {
    ...{ entryId: newId(systemRandom), occurredAt: Date.now(), tenant, actor: 5 },
    data: { citizens: [citizen ?? 0], purpose },
  });
  const done = await hub.core.recorder.record({ entries: [entry] });
  hub.core.tail.poke();
  const sequence = done.outcome === "recorded" ? done.sequence : Number.NaN;
  expect(await pollUntil(() => hub.core.tail.position.sequence >= sequence, 5_000)).toBe(true);
  expect(actors(await read(hotline))).toMatchObject([{ name: carer.name }, { name: carer.name }]);
});

test("an integrator sees one pseudonym for one person, and no name, user id or reason", async () => {
  const edges = await read(tokenOf(tenant, ["events:read"]));
  expect(edges).toHaveLength(2);
  const [first, second] = actors(edges);
  expect(first).toEqual({
    personId: null,
    employeeId: null,
    name: null,
    pseudonym: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(second).toEqual(first);
  expect(edges[1]?.node).toMatchObject({ reasons: [] });
});

test("whoever may not subscribe is told so", async () => {
  for (const principal of [dashboardOf(tenant, [{ role: "V" }]), tokenOf(tenant, ["locks:read"]), nobody]) {
    await expect(read(principal)).rejects.toThrow(/FORBIDDEN|UNAUTHENTICATED/);
  }
  // The depot hears of batteries only, and door events are none.
  expect(await read(dashboardOf(tenant, [{ role: "B" }]))).toEqual([]);
});

test("a filter narrows by lock, district and type", async () => {
  const all = dashboardOf(tenant, [{ role: "A" }]);
  const lock = globalIdText("Lock", place.lockId);
  expect(await read(all, { locks: [lock] })).toHaveLength(2);
  expect(await read(all, { locks: [lock], types: ["DOOR_DENIED"] })).toHaveLength(1);
  expect(await read(all, { locks: [] })).toEqual([]);
  expect(await read(all, { districts: [globalIdText("District", place.districtId ?? "")] })).toHaveLength(2);
});

test("a cursor ahead of the journal, and one that is none, are the caller's errors", async () => {
  const all = dashboardOf(tenant, [{ role: "A" }]);
  await expect(hub.listen(EVENTS, all, { after: "j1.999999" })).rejects.toThrow(/CURSOR_IN_FUTURE/);
  await expect(hub.listen(EVENTS, all, { after: "tomorrow" })).rejects.toThrow(/Cursor/);
});

test("an event is found by its id, by whoever may see it and under its own type only", async () => {
  const query = "query ($id: ID!) { node(id: $id) { __typename ... on DoorOpened { actor { name } } } }";
  const id = globalIdText("DoorOpened", opened);
  const found = await hub.ask(query, dashboardOf(tenant, [{ role: "A" }]), { id });
  expect(found.data).toEqual({ node: { __typename: "DoorOpened", actor: { name: carer.name } } });
  for (const [principal, other] of [
    [dashboardOf(tenant + 1, [{ role: "A" }]), id],
    [dashboardOf(tenant, [{ role: "A" }]), globalIdText("DoorJammed", opened)],
  ] as const) {
    expect((await hub.ask(query, principal, { id: other })).data).toEqual({ node: null });
  }
});

const JOURNAL = `query ($filter: JournalFilter, $first: Int, $after: String) { journal(filter: $filter, first: $first, after: $after) {
  pageInfo { hasNextPage endCursor } edges { node { kind lock { serial } person { employeeId name } command data } } } }`;

test("the journal is searched by lock, employee and kind, in pages, without internal keys", async () => {
  const auditor = dashboardOf(tenant, [{ role: "D" }]);
  const filter = { lock: globalIdText("Lock", place.lockId), order: "OLDEST_FIRST" };
  const first = Object((await hub.ask(JOURNAL, auditor, { filter, first: 2 })).data?.journal);
  expect(first.edges.map(({ node }: { node: { kind: string } }) => node.kind)).toEqual([
    "command.authorised",
    "lock.moved",
  ]);
  expect(first.pageInfo.hasNextPage).toBe(true);
  const rest = await hub.ask(JOURNAL, auditor, { filter, first: 2, after: first.pageInfo.endCursor });
  expect(rest.errors).toBeUndefined();
  const [{ node }] = Object(rest.data?.journal).edges;
  expect(node).toMatchObject({
    ...{ kind: "opening.denied", lock: { serial: place.serial } },
    person: { employeeId: carer.externalId, name: carer.name },
  });
  expect(JSON.parse(node.data)).toEqual({
    operation: expect.any(String),
    reasons: ["NO_BASIS"],
    body: "b",
    path: null,
  });
  const byEmployee = { filter: { employee: carer.externalId, kinds: ["opening.denied"] } };
  expect(Object((await hub.ask(JOURNAL, auditor, byEmployee)).data?.journal).edges).toHaveLength(1);
  const wrong = await hub.ask(JOURNAL, auditor, { filter: { kinds: ["opening.dreamt"] } });
  expect(wrong.errors?.[0]?.originalError).toMatchObject({ code: "INVALID_INPUT" });
});

test("a leader searches the journal of the own department, and the hotline none", async () => {
  const kinds = { filter: { kinds: ["opening.denied"] } };
  const count = async (principal: Principal): Promise<number> =>
    Object((await hub.ask(JOURNAL, principal, kinds)).data?.journal).edges.length;
  expect(await count(dashboardOf(tenant, [{ role: "L", department: carer.department ?? 0 }]))).toBe(1);
  expect(await count(dashboardOf(tenant, [{ role: "L", department: 999_999 }]))).toBe(0);
  expect(await count(dashboardOf(tenant + 1, [{ role: "D" }]))).toBe(0);
  const { errors } = await hub.ask(JOURNAL, dashboardOf(tenant, [{ role: "H" }]), kinds);
  expect(errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
});

const SEARCH = `query ($text: String!) { search(text: $text, first: 10) { __typename
  ... on LockHit { lock { serial } } ... on PersonHit { person { externalId name } }
  ... on PlaceHit { address { line } locks { serial bolt { value } } } } }`;

test("one box finds a lock by its serial, an employee by id or name, an address in any spelling, and no citizen", async () => {
  const all = dashboardOf(tenant, [{ role: "A" }]);
  const hits = async (text: string, principal = all) => {
    const { data, errors } = await hub.ask(SEARCH, principal, { text });
    expect(errors).toBeUndefined();
    return Object(data).search;
  };
  expect(await hits(place.serial.toLowerCase())).toMatchObject([
    { __typename: "LockHit", lock: { serial: place.serial } },
  ]);
  expect(await hits(carer.externalId)).toMatchObject([{ __typename: "PersonHit", person: { name: carer.name } }]);
  // As it is said on the telephone: a number alone is the employee before it is the end of a serial number.
  const digits = carer.externalId.replaceAll(/\D/g, "");
  for (const said of [digits, `fj ${digits}`]) {
    expect((await hits(said))[0]).toMatchObject({ __typename: "PersonHit", person: { name: carer.name } });
  }
  const street = place.addressText.split(",")[0] ?? "";
  const spelt = street.toUpperCase().replaceAll("Å", "AA").replaceAll("Ø", "OE").replaceAll("Æ", "AE");
  const places = await hits(spelt);
  expect(places.length).toBeGreaterThan(0);
  expect(places[0]).toMatchObject({ __typename: "PlaceHit", address: { line: expect.stringContaining(street) } });
  const [citizen] = await hub.town.database.raw<
    { name: string }[]
  >`SELECT name FROM citizen WHERE id = ${place.citizens[0] ?? 0}`;
  const byName = await hits(citizen?.name ?? "");
  expect(byName.filter((hit: { __typename: string }) => hit.__typename !== "PersonHit")).toEqual([]);
  const depot = await hub.ask(SEARCH, dashboardOf(tenant, [{ role: "B" }]), { text: carer.externalId });
  expect(depot.data).toEqual({ search: [] });
  const forbidden = await hub.ask(SEARCH, tokenOf(tenant, ["locks:read"]), { text: "ab" });
  expect(forbidden.errors?.[0]?.originalError).toMatchObject({ code: "FORBIDDEN" });
});
