import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { globalIdText } from "../../graphql/scalars.ts";
import type { Principal } from "../../identity/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import type { LockPlace } from "../../locks/index.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { dashboardOf, phoneOf, startSchemaTown, tokenOf, type SchemaTown } from "../../simulation/schema-town.ts";

const COMMISSIONED = 24;

let hub: SchemaTown;
let tenant: number;
/** A lock in the district of the carer, one in another district, and one that the provider's people serve. */
let near: LockPlace;
let far: LockPlace;
let served: LockPlace;
let carer: Holder;
let temp: Holder;

interface Holder {
  readonly person: number;
  readonly department: number | null;
  readonly provider: number | null;
  /** Global id of the phone's credential. */
  readonly credential: string;
}

beforeAll(async () => {
  hub = await startSchemaTown({ locks: 60 });
  tenant = hub.town.tenant;
  await hub.commission(COMMISSIONED);
  await hub.core.directory.settled();
  const places = hub.core.directory.ofTenant(tenant).filter(({ lock }) => hub.core.link.registry.byLock(lock));
  const { raw } = hub.town.database;
  const staff = await raw<{ id: number; externalId: string; department: number | null; provider: number | null }[]>`
    SELECT p.id, p.external_id AS "externalId", p.department, p.provider FROM person p
    LEFT JOIN department d ON d.id = p.department
    WHERE p.tenant = ${tenant} AND p.active AND (p.provider IS NOT NULL OR d.district IS NOT NULL)
    ORDER BY p.id`;
  const own = staff.find(({ department }) => department !== null);
  const enters = (person: number) => places.some(({ lock }) => hub.events.involvement.ownsLock(person, lock));
  const theirs = staff.find(({ id, provider }) => provider !== null && enters(id));
  const serves = (place: LockPlace) => hub.events.involvement.providerServes(theirs?.provider ?? 0, place.lock);
  near = found(places.find(({ departments }) => departments.includes(own?.department ?? 0)));
  far = found(places.find((place) => !place.departments.includes(own?.department ?? 0) && !serves(place)));
  served = found(places.find((place) => hub.events.involvement.ownsLock(theirs?.id ?? 0, place.lock)));
  carer = await holder(own);
  temp = await holder(theirs);
});
afterAll(() => hub.stop());

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new PortnerError("TOWN_TOO_SMALL", "the town has nothing of the kind");
  return value;
}

/** Enrols a phone for somebody, through the API. */
async function holder(
  someone: { id: number; externalId: string; department: number | null; provider: number | null } | undefined,
): Promise<Holder> {
  const { id: person, externalId: employee, department, provider } = found(someone);
  const issued = await hub.ask(
    "mutation($employee: String!) { made: issueEnrolmentCode(input: { employee: $employee }) { ... on IssueEnrolmentCodeSuccess { code } } }",
    dashboardOf(tenant, [{ role: "A" }]),
    { employee },
  );
  const { code } = z.object({ made: z.object({ code: z.string() }) }).parse(issued.data).made;
  const publicKey = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x;
  const enrolled = await hub.ask(
    `mutation($input: EnrolPhoneInput!) { made: enrolPhone(input: $input) { ... on EnrolPhoneSuccess { credentialId } } }`,
    phoneOf(tenant, person),
    { input: { code, publicKey, model: "Test phone" } },
  );
  const { credentialId } = z.object({ made: z.object({ credentialId: z.string() }) }).parse(enrolled.data).made;
  hub.core.tail.poke();
  const known = (): boolean => [...hub.core.index.facts.credentials.values()].some((each) => each.person === person);
  expect(await pollUntil(known, 5_000)).toBe(true);
  return { person, department, provider, credential: credentialId };
}

const Answer = z.object({
  decide: z.object({
    outcome: z.string(),
    basis: z.string().nullable(),
    reasons: z.array(z.string()),
    nextStep: z.object({ route: z.string() }).nullable(),
    chain: z.array(z.object({ reason: z.string(), passed: z.boolean() })),
  }),
});

/** What `decide` answers, or the code of its error. */
async function decided(principal: Principal, { credential }: Holder, place: LockPlace) {
  const input = { credential, lock: globalIdText("Lock", place.lockId) };
  const { data, errors } = await hub.ask(
    "query($input: DecideInput!) { decide(input: $input) { outcome basis reasons nextStep { route } chain { reason passed } } }",
    principal,
    { input },
  );
  if (errors !== undefined) return z.object({ code: z.string() }).parse(errors[0]?.originalError).code;
  return Answer.parse(data).decide;
}

const coordinator = (): Principal => dashboardOf(tenant, [{ role: "C", department: carer.department ?? 0 }]);
const providers = (): Principal => dashboardOf(tenant, [{ role: "P", provider: temp.provider ?? 0 }]);

test("whoever is bound to a department or a provider asks about locks there, and elsewhere there is none", async () => {
  expect(await decided(coordinator(), carer, near)).toMatchObject({ outcome: expect.any(String) });
  expect(await decided(coordinator(), carer, far)).toBe("NOT_FOUND");
  expect(await decided(providers(), temp, served)).toMatchObject({ outcome: "allow", basis: "bundle" });
  expect(await decided(providers(), temp, far)).toBe("NOT_FOUND");
  // The right to the lock alone is none to the person.
  expect(await decided(coordinator(), temp, near)).toBe("NOT_FOUND");
  expect(await decided(providers(), carer, served)).toBe("NOT_FOUND");
});

test.each(["A", "H", "D"] as const)(
  "%s asks about every lock of the municipality, and sees the whole chain",
  async (role) => {
    const asker = dashboardOf(tenant, [{ role }]);
    for (const place of [near, far, served]) {
      const answer = await decided(asker, temp, place);
      expect(answer).toMatchObject({ outcome: place === served ? "allow" : "deny" });
      expect(Object(answer).chain.length).toBeGreaterThan(5);
    }
    expect(await decided(dashboardOf(tenant + 1, [{ role }]), temp, near)).toBe("NOT_FOUND");
  },
);

test("a phone asks about itself at any door, and is told the verdict, the most telling reason and what to do", async () => {
  const phone = phoneOf(tenant, temp.person);
  const told = { basis: null, chain: [] };
  expect(await decided(phone, temp, served)).toEqual({ ...told, outcome: "allow", reasons: [], nextStep: null });
  expect(await decided(phone, temp, far)).toEqual({
    ...told,
    outcome: "deny",
    reasons: ["NO_BASIS"],
    nextStep: { route: "coordinator" },
  });
  expect(await decided(phone, carer, near)).toBe("NOT_FOUND");
  expect(await decided(phoneOf(tenant + 1, temp.person), temp, served)).toBe("NOT_FOUND");
});

test("of several reasons the side of the door gets one: a phone, and a care system's token", async () => {
  const { index } = hub.core;
  const before = index.revision.sequence;
  const closed = await hub.ask(
    "mutation($c: ID!) { blockCredential(input: { credential: $c }) { __typename } }",
    dashboardOf(tenant, [{ role: "A" }]),
    { c: temp.credential },
  );
  expect(closed.errors).toBeUndefined();
  expect(await pollUntil(() => index.revision.sequence > before, 5_000)).toBe(true);
  const whole = await decided(dashboardOf(tenant, [{ role: "H" }]), temp, far);
  expect(Object(whole).reasons).toEqual(["CREDENTIAL_BLOCKED", "NO_BASIS"]);
  for (const principal of [phoneOf(tenant, temp.person), tokenOf(tenant, ["locks:read"])]) {
    const answer = await decided(principal, temp, far);
    expect(answer).toMatchObject({ outcome: "deny", reasons: ["CREDENTIAL_BLOCKED"], basis: null, chain: [] });
  }
});
