import { ROLES, SCOPES, type Role } from "@portner/schema/people";
import { expect, test } from "vitest";
import { authorise, mayAtAll, type Facts } from "./authorise.ts";
import { OPERATIONS, type Operation } from "./operation.ts";
import { makePolicy, type Policy } from "./policy.ts";
import type { Principal } from "./principal.ts";

/**
 * Requirements §3, copied by hand cell by cell in the order E C L A V H I B G P D, and not from the code:
 * y yes · d own department · o own staff or devices · j inside an open job · s the token's scope · 2 second person ·
 * r reviewed · - no. C and L are bound to their department, so their `2` reads `d2`.
 */
const TABLE: Readonly<Record<Operation, string>> = {
  openWithOwnCredential: "y - - - - - j j - - -",
  remoteOpen: "- d2r d2r y2r - y2r - - - - -",
  grantAcuteAccess: "- d d y - jr - - - - -",
  blockDevice: "o d d y - y - - - o -",
  unblock: "- d2 d y - - - - - - -",
  decide: "o d d y - y - - s o y",
  lookUpCitizen: "- d d y y y j y - o y",
  manageEmployee: "- d d y - - - - s o -",
  assignDevice: "- d d y - - - - - o -",
  addToBundle: "- d d y - - - - - - -",
  changeBundle: "- - - y2 - y2 - - - - -",
  handleSmartkey: "- d d y - - - - - o -",
  manageProvider: "- - - y - - - - - - -",
  grantLock: "- - - - y - - - - - -",
  orderWork: "- d d y y - - - - - -",
  commissionUnit: "- - - - - - j - - - -",
  readBatteryList: "- d d y - y j y s - -",
  recordBattery: "- - - - - - j j - - -",
  readLockStatus: "o d d y - y j y s o -",
  reportFault: "y y y y - y - - s y -",
  handleFault: "- d d y - y j j s - -",
  readDoorEvents: "o d d y - j - - s o y",
  searchAudit: "- d d y - - - - - - y",
  exportAudit: "- - - y2 - - - - - - y",
  subscribe: "- d d y - y j y s o y",
  pushVisits: "- - - - - - - - s - -",
  pushStaff: "- - - - - - - - s - -",
  administer: "- - - y2 - - - - - - -",
  changeAudit: "- - - - - - - - - - -",
};

const caller = { key: "k", anonymous: false, ambient: false, ended: new AbortController().signal };
const known = { ...caller, tenant: 1, municipality: "m", session: 1, expiresAt: 0, name: "n" };
const standard = makePolicy("twoPersons");

function principalOf(role: Role, policy: Policy = standard): Principal {
  if (role === "G") return { ...known, kind: "token", token: 1, tokenId: "t", scopes: SCOPES, policy };
  const roles = [{ role, department: 10, provider: 20 }];
  return { ...known, kind: "dashboard", account: 1, accountId: "a", person: 30, roles, policy };
}

/** Where a thing stands towards the caller: whose it is, and whether the caller has an open job on it. */
const PLACES: readonly { readonly place: string; readonly own: boolean; readonly tenant: number }[] = [
  { place: "own department", own: true, tenant: 1 },
  { place: "other department", own: false, tenant: 1 },
  { place: "other tenant", own: true, tenant: 2 },
];

function expected(cell: string, own: boolean, tenant: number, job: boolean): boolean {
  if (tenant !== 1) return false;
  switch (cell.charAt(0)) {
    case "y":
    case "s":
      return true;
    case "d":
    case "o":
      return own;
    case "j":
      return job;
    default:
      return false;
  }
}

const cells = OPERATIONS.flatMap((operation) =>
  ROLES.map((role, column) => ({ operation, role, cell: TABLE[operation].split(" ")[column] ?? "?" })),
);

test.each(cells)("$operation by $role is `$cell` in the own department, another one and another tenant", (each) => {
  for (const { place, own, tenant } of PLACES) {
    for (const job of [false, true]) {
      const mine: Facts = { tenant, department: 10, provider: 20, owner: 30, jobOf: job ? [each.role] : [] };
      const foreign: Facts = { tenant, department: 11, provider: 21, owner: 31, jobOf: job ? [each.role] : [] };
      const answer = authorise(principalOf(each.role), each.operation, own ? mine : foreign);
      expect(answer.ok, `${place}, job ${job}`).toBe(expected(each.cell, own, tenant, job));
      if (!answer.ok) continue;
      expect(answer.value.needsSecondPerson).toBe(each.cell.includes("2"));
      expect(answer.value.reviewWithinMs).toBe(each.cell.includes("r") ? 86_400_000 : undefined);
    }
  }
  expect(mayAtAll(principalOf(each.role), each.operation)).toBe(each.cell !== "-");
});

const inJob = cells
  .filter(({ cell }) => cell.startsWith("j"))
  .flatMap((each) => ROLES.filter((role) => role !== each.role && role !== "G").map((other) => ({ ...each, other })));

test.each(inJob)("a job of $other is none for $operation by $role", ({ operation, role, other }) => {
  // The other role may do nothing here by itself, so that what is allowed is allowed by the job.
  const policy = makePolicy("twoPersons", [{ operation, role: other, rule: "no" }]);
  const roles = [role, other].map((each) => ({ role: each, department: 10, provider: 20 }));
  const both: Principal = { ...known, kind: "dashboard", account: 1, accountId: "a", person: 30, roles, policy };
  expect(authorise(both, operation, { tenant: 1, jobOf: [other] }).ok).toBe(false);
  expect(authorise(both, operation, { tenant: 1, jobOf: [role] })).toMatchObject({ ok: true, value: { role } });
});

test("the table above has every operation and every role", () => {
  expect(Object.keys(TABLE).toSorted()).toEqual([...OPERATIONS].toSorted());
  expect(cells).toHaveLength(OPERATIONS.length * ROLES.length);
  expect(cells.filter(({ cell }) => cell === "?")).toEqual([]);
});

test("nothing known of a thing is not everything allowed", () => {
  for (const role of ROLES.filter((each) => each !== "G")) {
    for (const operation of OPERATIONS) {
      const { cell } = cells.find((each) => each.operation === operation && each.role === role) ?? { cell: "?" };
      expect(authorise(principalOf(role), operation, { tenant: 1 }).ok).toBe(cell.startsWith("y"));
    }
  }
});

const SCOPE_USES: readonly (readonly [(typeof SCOPES)[number], readonly Operation[]])[] = [
  ["locks:read", ["decide", "readLockStatus"]],
  ["events:read", ["readDoorEvents", "subscribe"]],
  ["battery:read", ["readBatteryList"]],
  ["visits:write", ["pushVisits"]],
  ["people:sync", ["manageEmployee", "pushStaff"]],
  ["faults:write", ["reportFault", "handleFault"]],
];

test.each(SCOPE_USES)("a token with only %s may do what it says and nothing else", (scope, allowed) => {
  const token: Principal = { ...known, kind: "token", token: 1, tokenId: "t", scopes: [scope], policy: standard };
  expect(OPERATIONS.filter((operation) => authorise(token, operation, { tenant: 1 }).ok)).toEqual(allowed);
  expect(OPERATIONS.filter((operation) => mayAtAll(token, operation))).toEqual(allowed);
});

test("a phone acts as a carer with its own person, and never as anybody else", () => {
  const phone: Principal = {
    ...known,
    kind: "phone",
    credential: 5,
    credentialId: "c",
    person: 30,
    personId: "p",
    policy: standard,
  };
  expect(authorise(phone, "openWithOwnCredential", { tenant: 1, owner: 30 }).ok).toBe(true);
  expect(authorise(phone, "blockDevice", { tenant: 1, owner: 30 }).ok).toBe(true);
  expect(authorise(phone, "blockDevice", { tenant: 1, owner: 31 }).ok).toBe(false);
  expect(authorise(phone, "remoteOpen", { tenant: 1, owner: 30 }).ok).toBe(false);
});

test("of two roles the one with fewer duties counts", () => {
  const roles = [
    { role: "C", department: 10 },
    { role: "L", department: 10 },
  ] as const;
  const both: Principal = { ...known, kind: "dashboard", account: 1, accountId: "a", roles, policy: standard };
  expect(authorise(both, "unblock", { tenant: 1, department: 10 })).toMatchObject({
    value: { role: "L", needsSecondPerson: false },
  });
});

test("a tenant's setting turns remote opening off, or asks for one person only", () => {
  const facts = { tenant: 1, department: 10 };
  expect(authorise(principalOf("A", makePolicy("off")), "remoteOpen", facts).ok).toBe(false);
  const one = authorise(principalOf("A", makePolicy("onePerson")), "remoteOpen", facts);
  expect(one).toMatchObject({ value: { needsSecondPerson: false, reviewWithinMs: 86_400_000 } });
});

test("a tenant's deviation replaces one cell; one that makes no sense takes the right away", () => {
  const rule = (text: string) => makePolicy("twoPersons", [{ operation: "unblock", role: "L", rule: text }]);
  const facts = { tenant: 1, department: 11 };
  expect(authorise(principalOf("L", rule("yes")), "unblock", facts).ok).toBe(true);
  expect(authorise(principalOf("L", rule("yes+everything")), "unblock", { tenant: 1, department: 10 }).ok).toBe(false);
  const audit = makePolicy("twoPersons", [{ operation: "changeAudit", role: "A", rule: "yes" }]);
  expect(authorise(principalOf("A", audit), "changeAudit", facts).ok).toBe(false);
});

test("nobody signed in may do nothing", () => {
  const nobody: Principal = { ...caller, kind: "anonymous", anonymous: true };
  for (const operation of OPERATIONS) {
    expect(authorise(nobody, operation, { tenant: 1 })).toEqual({ ok: false, failure: { code: "UNAUTHENTICATED" } });
  }
});
