import { ROLES, SCOPES, type Role } from "@portner/schema/people";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { globalIdText } from "../../graphql/scalars.ts";
import { makePolicy, type Principal } from "../../identity/index.ts";
import { newId } from "../../kernel/ids.ts";
import { systemRandom } from "../../kernel/random.ts";
import {
  dashboardOf,
  nobody,
  phoneOf,
  startSchemaTown,
  tokenOf,
  type SchemaTown,
} from "../../simulation/schema-town.ts";
import type { LockPlace } from "../directory/index.ts";
import { quarantineUnit } from "../store/units.ts";

/**
 * Requirements §3 by hand, in the order E C L A V H I B G P D: y yes · d own department · 2 second person · j inside a
 * job, which nobody has yet · - no. A quarantine is lifted by whoever may unblock.
 */
const TABLE = {
  decommissionLockUnit: "- - - - - - j - - - -",
  releaseQuarantine: "- d2 d y - - - - - - -",
} as const;
type Mutation = keyof typeof TABLE;

const SERVED = 8;
const OTHER_DEPARTMENT = 9_999;

let hub: SchemaTown;
let tenant: number;
let served: readonly LockPlace[];

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 40 });
  tenant = hub.town.tenant;
  await hub.commission(SERVED);
  await hub.core.directory.settled();
  served = hub.core.directory.ofTenant(tenant).filter(({ lock }) => hub.core.link.registry.byLock(lock));
});
afterAll(() => hub.stop());

const at = (index: number): LockPlace => {
  const place = served[index];
  if (place === undefined) return expect.unreachable("too few locks are served");
  return place;
};

function principalOf(
  role: Role,
  where: { readonly tenant: number; readonly department: number | undefined },
): Principal {
  if (role === "E") return phoneOf(where.tenant, 1, where.department);
  if (role === "G") return tokenOf(where.tenant, SCOPES);
  return dashboardOf(where.tenant, [{ role, department: where.department }]);
}

/** An installer of a municipality that asks for no job. */
function freeInstaller(): Principal {
  const installer = dashboardOf(tenant, [{ role: "I" }]);
  if (installer.kind !== "dashboard") return expect.unreachable("an account is expected");
  const policy = makePolicy("off", [{ operation: "commissionUnit", role: "I", rule: "yes" }]);
  return { ...installer, policy };
}

async function mutate(field: Mutation, principal: Principal, input: object) {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const claim = field === "decommissionLockUnit" ? "claim" : "";
  const query = `mutation($input: ${type}!) { ${field}(input: $input) { __typename
    ... on ${type.replace("Input", "Success")} { revision ${claim} lock { id inService } } ... on UserError { code path } } }`;
  const { data, errors } = await hub.ask(query, principal, { input });
  if (errors !== undefined) return { code: errors[0]?.extensions["code"] };
  return Object(data?.[field]);
}

const asked = (place: LockPlace, more: object = {}) => ({
  lock: globalIdText("Lock", place.lockId),
  idempotencyKey: newId(systemRandom),
  ...more,
});

async function quarantine({ lock }: LockPlace): Promise<void> {
  const unit = hub.core.link.registry.byLock(lock)?.unit ?? 0;
  await quarantineUnit(hub.town.database.tables, unit, "FLOOD", new Date());
}

function expected(cell: string, place: "own" | "other" | "foreign"): string | undefined {
  if (cell === "-") return "FORBIDDEN";
  if (cell === "j" || place === "foreign" || (cell.startsWith("d") && place === "other")) return "NOT_FOUND";
  return cell.includes("2") ? "NEEDS_SECOND_PERSON" : undefined;
}

const cells = (["decommissionLockUnit", "releaseQuarantine"] as const).flatMap((field) =>
  TABLE[field].split(" ").map((cell, column) => ({ field, cell, role: ROLES[column] ?? "E" })),
);

test.each(cells)("$field by $role is `$cell` in the own department, another one and another tenant", async (each) => {
  const place = at(0);
  const [department] = place.departments;
  const places = {
    own: { tenant, department },
    other: { tenant, department: OTHER_DEPARTMENT },
    foreign: { tenant: tenant + 1, department },
  } as const;
  for (const where of ["own", "other", "foreign"] as const) {
    await quarantine(place);
    const reason = each.field === "releaseQuarantine" ? { reason: "looked at" } : {};
    const { code } = await mutate(each.field, principalOf(each.role, places[where]), asked(place, reason));
    expect({ where, code }).toEqual({ where, code: expected(each.cell, where) });
  }
});

test("what an account looks up as hotline is no job of the installer that it is too", async () => {
  const place = at(5);
  const [citizen] = await hub.town.database.raw<{ careId: string }[]>`
    SELECT external_id AS "careId" FROM citizen WHERE id = ANY (${[...place.citizens]})`;
  const both = dashboardOf(tenant, [{ role: "H" }, { role: "I" }]);
  if (both.kind !== "dashboard") return expect.unreachable("an account is expected");
  const lookUp = "mutation($input: LookUpCitizenInput!) { lookUpCitizen(input: $input) { __typename } }";
  const input = { text: citizen?.careId, purpose: "the door does not open", callerId: hub.town.employee("sosuHelper") };
  expect(await hub.ask(lookUp, both, { input })).toMatchObject({ data: { lookUpCitizen: expect.anything() } });
  const { involvement } = hub.events;
  await vi.waitFor(() => expect(involvement.jobsAt(both, place.lock)).toEqual(["H"]), { timeout: 5_000 });
  expect(await mutate("decommissionLockUnit", both, asked(place))).toMatchObject({ code: "NOT_FOUND" });
});

test("nobody who has not signed in may do either", async () => {
  expect(await mutate("decommissionLockUnit", nobody, asked(at(0)))).toMatchObject({ code: "UNAUTHENTICATED" });
  const release = await mutate("releaseQuarantine", nobody, asked(at(0), { reason: "r" }));
  expect(release).toMatchObject({ code: "UNAUTHENTICATED" });
});

test("a unit that leaves is out of service on the hub at once: nothing opens there, and its claim is shown again", async () => {
  const place = at(1);
  const installer = freeInstaller();
  const input = asked(place);
  const done = await mutate("decommissionLockUnit", installer, input);
  expect(done).toMatchObject({ __typename: "DecommissionLockUnitSuccess", claim: expect.stringMatching(/^.{43}$/) });
  const { registry, fleet } = hub.core.link;
  await vi.waitFor(() => expect(registry.byLock(place.lock)).toBeUndefined(), { timeout: 5_000 });
  await vi.waitFor(() => expect(hub.core.index.facts.locks.get(place.lock)?.unit).toBeNull(), { timeout: 5_000 });
  expect([...registry.all()].some(({ lock }) => lock === place.lock)).toBe(false);
  expect(fleet.entryOf({ unit: 0 }, 0)).toBeUndefined();
  const again = await mutate("decommissionLockUnit", installer, input);
  expect(again).toEqual({ ...done, lock: { ...done.lock, inService: false } });
  expect(
    await mutate("decommissionLockUnit", installer, {
      ...input,
      ...asked(at(2)),
      idempotencyKey: input.idempotencyKey,
    }),
  ).toMatchObject({ __typename: "ConflictError", code: "IDEMPOTENCY_KEY_REUSED", path: ["input", "idempotencyKey"] });
  expect(await mutate("decommissionLockUnit", installer, asked(place))).toMatchObject({ code: "NOT_IN_SERVICE" });
});

test("a released lock is in service again on the hub, and its journal entry is a door event", async () => {
  const place = at(3);
  const leader = dashboardOf(tenant, [{ role: "A" }]);
  await quarantine(place);
  const events = await hub.listen("subscription { doorEvents { node { __typename lock { id } } } }", leader);
  const done = await mutate("releaseQuarantine", leader, asked(place, { reason: "looked at" }));
  expect(done).toMatchObject({ __typename: "ReleaseQuarantineSuccess" });
  const seen = async (): Promise<object> => {
    for await (const { data } of events) {
      const node = Object(Object(data).doorEvents).node;
      if (node !== null) return node;
    }
    return {};
  };
  expect(await seen()).toEqual({ __typename: "LockReleased", lock: { id: globalIdText("Lock", place.lockId) } });
  await events.return?.();
  await vi.waitFor(() => expect(hub.core.link.registry.byLock(place.lock)?.quarantinedAt).toBeNull(), {
    timeout: 5_000,
  });
});

test("what is asked for in the wrong form is told by the field", async () => {
  const administrator = dashboardOf(tenant, [{ role: "A" }]);
  const wrong = async (input: object) => mutate("releaseQuarantine", administrator, input);
  const input = asked(at(4), { reason: "r" });
  for (const idempotencyKey of ["short", "x".repeat(65), "with space"]) {
    expect(await wrong({ ...input, idempotencyKey })).toMatchObject({ path: ["input", "idempotencyKey"] });
  }
  expect(await wrong({ ...input, reason: " " })).toMatchObject({ code: "REASON_MISSING", path: ["input", "reason"] });
  expect(await wrong({ ...input, reason: "x".repeat(501) })).toMatchObject({ code: "REASON_TOO_LONG" });
  expect(await wrong(input)).toMatchObject({ code: "NOT_QUARANTINED" });
  expect(await wrong({ ...input, lock: globalIdText("Door", at(4).lockId) })).toMatchObject({ code: "NOT_FOUND" });
});
