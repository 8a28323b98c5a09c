import { credential as credentialTable } from "@portner/drizzle";
import { ROLES, SCOPES, type Role } from "@portner/schema/people";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fieldsWithoutRule, nodesWithInheritedRule } from "../../graphql/rules.ts";
import { globalIdText } from "../../graphql/scalars.ts";
import { makePolicy, type Principal } from "../../identity/index.ts";
import { newEntry } from "../../journal/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import type { LockPlace } from "../../locks/index.ts";
import { personByExternalId, type CredentialRow, type PersonRow } from "../../people/index.ts";
import { pollUntil } from "../../simulation/poll.ts";
import {
  dashboardOf,
  nobody,
  phoneOf,
  startSchemaTown,
  tokenOf,
  type SchemaTown,
} from "../../simulation/schema-town.ts";

/**
 * Requirements §3 by hand, in the order E C L A V H I B G P D: y yes · d own department · o own, which the stranger asked
 * for here has none of · j inside a job, which nobody has here · s a token's scope · b what the depot sees of it: nothing
 * · 2 second person · - no. The verdict and the paths are live lock status, the last events are what `subscribe` tells.
 */
const TABLE = {
  verdict: "o d d y - y j b s o -",
  paths: "o d d y - y j b s o -",
  lastEvents: "o d d y - y j j s o y",
  blocksOn: "o d d y - y - - - o -",
  remoteOpening: "- d2 d2 2 - 2 - - - - -",
} as const;
type Asked = keyof typeof TABLE;

const OTHER_DEPARTMENT = 9_999;
let hub: SchemaTown;
let tenant: number;
let carer: PersonRow;
let device: CredentialRow;
/** A flat on a path with a stairwell before it. */
let flat: LockPlace;
let path: number;

async function record(entries: readonly Parameters<SchemaTown["core"]["recorder"]["record"]>[0]["entries"][0][]) {
  for (const entry of entries) {
    const done = await hub.core.recorder.record({ entries: [entry] });
    if (done.outcome !== "recorded") throw new PortnerError("NOT_RECORDED", done.outcome);
    hub.core.tail.poke();
    await pollUntil(() => hub.core.tail.position.sequence >= done.sequence, 5_000);
  }
}

function refusal(over: { readonly lock?: number; readonly path?: number }) {
  return newEntry("opening.denied", {
    ...{
      entryId: newId(systemRandom),
      occurredAt: Date.now(),
      tenant,
      person: carer.id,
      credential: device.id,
      ...over,
    },
    data: {
      ...{ operation: newId(systemRandom), path: over.path ?? null, locks: [flat.lock], refusedLock: flat.lock },
      ...{ reasons: ["NO_BASIS"], body: "b" },
    },
  });
}

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 60 });
  tenant = hub.town.tenant;
  const { tables } = hub.town.database;
  const found = await personByExternalId(tables, { tenant, externalId: hub.town.employee("sosuHelper") });
  const [credential] = await tables
    .insert(credentialTable)
    .values({
      ...{ publicId: newId(systemRandom), tenant, person: found?.id ?? 0, form: "phone", model: "test" },
      ...{ publicKey: systemRandom.bytes(32), validFrom: new Date() },
    })
    .returning();
  const { facts } = hub.core.index;
  const [way, doors] =
    [...facts.doorsOfPath].find(([, each]) => each.filter((door) => facts.lockOfDoor.has(door)).length > 1) ?? [];
  const place = hub.core.directory.byLock(facts.lockOfDoor.get(doors?.at(-1) ?? 0) ?? 0);
  if (found === undefined || credential === undefined || place === undefined || way === undefined) {
    throw new PortnerError("TOWN_TOO_SMALL", "no carer with a device, or no path with two locks");
  }
  [carer, device, flat, path] = [found, credential, place, way];
  await record([refusal({ path })]);
});
afterAll(() => hub.stop());

const central = (): Principal => dashboardOf(tenant, [{ role: "A" }]);
const lockId = (place = flat): string => globalIdText("Lock", place.lockId);

function principalOf(role: Role, department: number | undefined): Principal {
  if (role === "E") return phoneOf(tenant, 999_999, department);
  if (role === "G") return tokenOf(tenant, SCOPES);
  return dashboardOf(tenant, [{ role, department, provider: 999_999 }]);
}

const QUERIES: Readonly<Record<Asked, string>> = {
  verdict:
    "query ($id: ID!) { lock(by: { id: $id }) { verdict { code tone da en at parts { code } advice { route } } } }",
  paths: "query ($id: ID!) { lock(by: { id: $id }) { paths { id home { line } doors { kind lock { serial } } } } }",
  lastEvents: "query ($id: ID!) { lock(by: { id: $id }) { lastEvents(first: 5) { __typename id } } }",
  blocksOn: "query ($id: ID!) { blocksOn(credential: $id) { id placedAt commandsUntil denyUntil lifted } }",
  remoteOpening: "query ($id: ID!) { lock(by: { id: $id }) { remoteOpening { setting leave roles } } }",
};

async function ask(asked: Asked, principal: Principal) {
  const id = asked === "blocksOn" ? globalIdText("Credential", device.publicId) : lockId();
  const { data, errors } = await hub.ask(QUERIES[asked], principal, { id });
  if (errors !== undefined) return Object(errors[0]?.originalError).code ?? errors[0]?.message;
  const { lock, blocksOn } = Object(data);
  if (asked === "remoteOpening") return lock.remoteOpening?.leave ?? null;
  const found = asked === "verdict" ? lock.verdict.code : (lock?.[asked] ?? blocksOn).length;
  return found === 0 && asked !== "blocksOn" ? "nothing" : "yes";
}

/** What a cell reads like; the lock itself is not found by whoever may not see that it is there. */
function expected(asked: Asked, cell: string, own: boolean): readonly unknown[] {
  if (asked === "remoteOpening") {
    if (cell === "-") return [null, "NO", "FORBIDDEN", "NOT_FOUND"];
    return cell.startsWith("d") && !own ? ["NOT_FOUND"] : ["NEEDS_SECOND_PERSON"];
  }
  if (cell === "y" || cell === "s" || (cell === "d" && own)) return ["yes"];
  if (cell === "b") return ["FORBIDDEN"];
  // The auditor and the depot reach a lock's name or its events, never both by the same field.
  return asked === "lastEvents" ? ["FORBIDDEN", "NOT_FOUND", "nothing"] : ["FORBIDDEN", "NOT_FOUND"];
}

const cells = (["verdict", "paths", "lastEvents", "blocksOn", "remoteOpening"] as const).flatMap((asked) =>
  TABLE[asked].split(" ").map((cell, column) => ({ asked, cell, role: ROLES[column] ?? "E" })),
);

test.each(cells)("$asked for $role is `$cell`, in the own department and in another", async ({ asked, cell, role }) => {
  const department = asked === "blocksOn" ? carer.department : flat.departments[0];
  // `lock` needs the right to its status; the auditor reads events from streams and the journal instead.
  const reachesLock = asked !== "lastEvents" || role !== "D";
  const own = await ask(asked, principalOf(role, department ?? undefined));
  expect(reachesLock ? expected(asked, cell, true) : ["FORBIDDEN"]).toContain(own);
  const other = await ask(asked, principalOf(role, OTHER_DEPARTMENT));
  expect(reachesLock ? expected(asked, cell, false) : ["FORBIDDEN"]).toContain(other);
});

test("another tenant finds nothing, and nobody who has not signed in may ask", async () => {
  for (const asked of ["verdict", "paths", "lastEvents", "remoteOpening", "blocksOn"] as const) {
    expect(await ask(asked, dashboardOf(tenant + 1, [{ role: "A" }]))).toBe("NOT_FOUND");
    expect(["UNAUTHENTICATED", "NOT_FOUND"]).toContain(await ask(asked, nobody));
  }
});

test("every field has a rule, and no type that node reaches only claims one", () => {
  expect(fieldsWithoutRule(hub.schema)).toEqual([]);
  expect(nodesWithInheritedRule(hub.schema)).toEqual([]);
});

test("the verdict tells the last try, to accounts with its reason and to integrators without a name", async () => {
  const read = async (principal: Principal) =>
    Object((await hub.ask(QUERIES.verdict, principal, { id: lockId() })).data).lock.verdict;
  const told = await read(central());
  expect(told).toMatchObject({
    advice: { route: "coordinator" },
    parts: expect.arrayContaining([{ code: "ATTEMPT_DENIED" }]),
  });
  expect(told.da).toContain(`medarbejder ${carer.externalId} blev afvist. Medarbejderen har ingen gyldig adgang`);
  const integrator = await read(tokenOf(tenant, SCOPES));
  expect(integrator.da).toMatch(/en medarbejder blev afvist\.$/);
});

test("a path leads through its doors in order, from its lock and from its address, without a name", async () => {
  const query = `query ($id: ID!) { node(id: $id) { ... on Address { paths { id home { line } citizen { name } doors { kind lock { serial } } } } } }`;
  const byLock = Object((await hub.ask(QUERIES.paths, central(), { id: lockId() })).data).lock.paths;
  const { facts } = hub.core.index;
  const serials = (facts.doorsOfPath.get(path) ?? []).map((door) => {
    const lock = facts.lockOfDoor.get(door);
    return lock === undefined ? null : { serial: hub.core.directory.byLock(lock)?.serial };
  });
  expect(byLock).toHaveLength(1);
  expect(byLock[0].doors.map(({ lock }: { lock: unknown }) => lock)).toEqual(serials);
  const [address] = await hub.town.database.raw<{ public_id: string }[]>`
    SELECT public_id FROM address WHERE id = ${flat.address}`;
  const id = globalIdText("Address", address?.public_id ?? "");
  const { paths } = Object((await hub.ask(query, central(), { id })).data).node;
  expect(paths).toMatchObject([{ id: byLock[0].id, citizen: { name: null } }]);
  expect(
    Object((await hub.ask(query, dashboardOf(tenant, [{ role: "V" }]), { id })).errors?.[0]).originalError,
  ).toMatchObject({ code: "FORBIDDEN" });
});

test("the last events come newest first, the refusal of a whole path among them, and no more than asked for", async () => {
  const stairwell = (hub.core.index.facts.doorsOfPath.get(path) ?? [])
    .map((door) => hub.core.directory.byLock(hub.core.index.facts.lockOfDoor.get(door) ?? 0))
    .find((place) => place !== undefined && place.lock !== flat.lock);
  const read = async (first: number, place = flat) =>
    Object(
      await hub.ask(
        `{ lock(by: { id: "${lockId(place)}" }) { lastEvents(first: ${first}) { __typename id } } }`,
        central(),
      ),
    );
  const before = await read(50, stairwell);
  expect(before.data.lock.lastEvents).toHaveLength(1);
  const own = [refusal({ lock: flat.lock }), refusal({ lock: flat.lock })];
  await record(own);
  const { data } = await read(2);
  expect(data.lock.lastEvents.map(({ id }: { id: string }) => id)).toEqual(
    own.map(({ entryId }) => globalIdText("DoorDenied", entryId)).toReversed(),
  );
  expect((await read(50)).data.lock.lastEvents).toHaveLength(3);
  for (const first of [0, 51])
    expect((await read(first)).errors[0].originalError).toMatchObject({ code: "INVALID_INPUT" });
});

test("whether a door is opened from here is told as the municipality has set it, with who may", async () => {
  const read = async (remoteOpen: "off" | "onePerson", role: Role) => {
    const principal = dashboardOf(tenant, [{ role, department: flat.departments[0] }]);
    const { data } = await hub.ask(
      QUERIES.remoteOpening,
      { ...principal, ...{ policy: makePolicy(remoteOpen) } },
      { id: lockId() },
    );
    return Object(data).lock.remoteOpening;
  };
  expect(await read("off", "H")).toEqual({ setting: "OFF", leave: "NO", roles: [] });
  expect(await read("onePerson", "H")).toEqual({ setting: "ONE_PERSON", leave: "YES", roles: ["C", "L", "A", "H"] });
  expect(await read("onePerson", "B")).toMatchObject({ setting: "ONE_PERSON", leave: "NO" });
});

test("the blocks that stand on a device are told with the time after which no command from before is good", async () => {
  const credential = globalIdText("Credential", device.publicId);
  const block = `mutation ($input: BlockCredentialInput!) { blockCredential(input: $input) { ... on BlockCredentialSuccess { block { id } } } }`;
  const placed = Object((await hub.ask(block, central(), { input: { credential } })).data).blockCredential.block;
  const standing = Object((await hub.ask(QUERIES.blocksOn, central(), { id: credential })).data).blocksOn;
  expect(standing).toMatchObject([{ id: placed.id, lifted: false }]);
  expect(Date.parse(standing[0].commandsUntil) - Date.parse(standing[0].placedAt)).toBe(24_000);
  const lift = `mutation ($input: UnblockCredentialInput!) { unblockCredential(input: $input) { __typename } }`;
  const lifted = await hub.ask(lift, central(), { input: { credential, blocks: [placed.id], reason: "found" } });
  expect(lifted.data).toEqual({ unblockCredential: { __typename: "UnblockCredentialSuccess" } });
  expect(Object((await hub.ask(QUERIES.blocksOn, central(), { id: credential })).data).blocksOn).toEqual([]);
});

test("a list and a stream narrow to the locks that are named", async () => {
  const filter = { locks: [lockId()] };
  const { data } = await hub.ask(
    "query ($filter: LockFilter) { locks(filter: $filter, first: 5) { totalCount edges { node { id } } } }",
    central(),
    { filter },
  );
  expect(data).toEqual({ locks: { totalCount: 1, edges: [{ node: { id: lockId() } }] } });
});
