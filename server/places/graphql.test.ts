import { graphql, type ExecutionResult } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBuilder } from "../graphql/builder.ts";
import { fieldsWithoutRule, nodesWithInheritedRule } from "../graphql/rules.ts";
import { globalIdText } from "../graphql/scalars.ts";
import { makePolicy, mayAtAll, type HeldRole, type Operation, type Principal } from "../identity/index.ts";
import { Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { systemRandom } from "../kernel/random.ts";
import { WrongTries } from "../kernel/wrong-tries.ts";
import { extendPeople } from "../people/graphql.ts";
import { personByExternalId, type PersonRow } from "../people/index.ts";
import { FULL_SIGHT } from "../simulation/full-sight.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { extendPlaces } from "./graphql.ts";

let db: TownDatabase;
let schema: ReturnType<typeof buildSchema>;
/** A carer of Øst. */
let carer: PersonRow;

const caller = { key: "10.0.0.1", anonymous: false, ambient: false, ended: new AbortController().signal };
const policy = makePolicy("twoPersons");

beforeAll(async () => {
  db = await townDatabase({ locks: 120 });
  schema = buildSchema();
  const externalId = db.world.employees.find(
    (each) => each.active && each.department === "hjemmepleje-oest" && each.profession === "sosuHelper",
  )?.externalId;
  const found = await personByExternalId(db.database.tables, { tenant: db.tenant, externalId: externalId ?? "" });
  if (found === undefined) throw new InvariantError("no carer in Øst");
  carer = found;
});
afterAll(() => db.drop());

function buildSchema() {
  const builder = createBuilder<Principal, Operation>({ may: mayAtAll });
  const { database, hub } = db;
  const common = { database, hub, clock: systemClock, random: systemRandom };
  extendPeople(builder, { ...common, sight: FULL_SIGHT, wrongCodes: new WrongTries(systemClock) });
  extendPlaces(builder, { ...common, recorder: new Recorder({ sql: database.hot, hub, clock: systemClock }) });
  // A schema needs a subscription; none of these domains has one.
  const beat = { authScopes: { open: true }, subscribe: async function* () {}, resolve: () => 1 } as const;
  builder.subscriptionField("beat", (t) => t.int(beat));
  return builder.toSchema();
}

function dashboard(role: HeldRole, tenant = db.tenant): Principal {
  const known = {
    ...caller,
    kind: "dashboard" as const,
    account: 5,
    accountId: "a",
    name: "n",
    municipality: "Fjordby",
    session: 1,
    expiresAt: 0,
  };
  return { ...known, tenant, roles: [role], policy };
}

const nobody: Principal = { ...caller, kind: "anonymous", anonymous: true };

async function ask(
  source: string,
  principal: Principal,
  variableValues: Record<string, unknown> = {},
): Promise<ExecutionResult> {
  return graphql({
    schema,
    source,
    variableValues,
    contextValue: { principal, transport: { kind: "socket", secure: true } },
  });
}

async function departmentKey(externalId: string): Promise<number> {
  const [row] = await db.database.raw<{ id: number }[]>`SELECT id FROM department WHERE external_id = ${externalId}`;
  return row?.id ?? 0;
}

const ISSUE = `mutation ($employee: String!) { issueEnrolmentCode(input: { employee: $employee }) {
  __typename ... on IssueEnrolmentCodeSuccess { code expiresAt } ... on UserError { code path } } }`;
const ENROL = `mutation ($code: String!, $publicKey: String!) { enrolPhone(input: { code: $code, publicKey: $publicKey, model: "F3" }) {
  __typename ... on EnrolPhoneSuccess { token credentialId expiresAt } ... on UserError { code path } } }`;
const LOOK_UP = `mutation ($text: String!, $purpose: String!) { lookUpCitizen(input: { text: $text, purpose: $purpose, callerId: "FJ1001" }) {
  __typename ... on LookUpCitizenSuccess { citizens { id name entryReason address { line } paths { id doors { kind } citizen { name } } } }
  ... on UserError { code path } } }`;
const LOOK_UP_WITHOUT_CALL = LOOK_UP.replace(', callerId: "FJ1001"', "");
const NODE = `query ($id: ID!) { node(id: $id) { __typename id ... on Person { name department { name } credentials { form person { externalId } } }
  ... on Address { line } ... on Path { home { line } doors { kind } } ... on Citizen { name } } }`;

test("every field has a rule, and no type that node reaches only claims one", () => {
  expect(fieldsWithoutRule(schema)).toEqual([]);
  expect(nodesWithInheritedRule(schema)).toEqual([]);
});

test("a coordinator issues a code for the own department, and a phone that nobody knows enrols with it", async () => {
  const own = dashboard({ role: "C", department: carer.department ?? 0 });
  const issued = await ask(ISSUE, own, { employee: carer.externalId });
  const { code } = Object(issued.data?.issueEnrolmentCode);
  expect(issued.data).toMatchObject({
    issueEnrolmentCode: { __typename: "IssueEnrolmentCodeSuccess", code: expect.stringMatching(/^.{4}-.{4}-.{4}$/) },
  });
  const phone = { code, publicKey: Buffer.from(systemRandom.bytes(32)).toString("base64url") };
  const enrolled = await ask(ENROL, nobody, phone);
  expect(enrolled).toMatchObject({
    data: { enrolPhone: { __typename: "EnrolPhoneSuccess", token: expect.stringMatching(/^.{43}$/) } },
  });
  expect((await ask(ENROL, nobody, phone)).data).toEqual({
    enrolPhone: { __typename: "ConflictError", code: "CODE_USED", path: ["code"] },
  });
  const { credentialId } = Object(enrolled.data?.enrolPhone);
  const shown = await ask(
    `query ($id: ID!) { node(id: $id) { ... on Credential { form generation person { externalId } } } }`,
    own,
    { id: credentialId },
  );
  expect(shown.data).toEqual({ node: { form: "phone", generation: 1, person: { externalId: carer.externalId } } });
});

test("an employee of another department, or of nobody, reads as not found; a carer may not issue codes", async () => {
  const other = dashboard({ role: "C", department: (carer.department ?? 0) + 1 });
  const refused = { __typename: "NotFoundError", code: "NOT_FOUND", path: ["employee"] };
  expect((await ask(ISSUE, other, { employee: carer.externalId })).data).toEqual({ issueEnrolmentCode: refused });
  expect((await ask(ISSUE, other, { employee: "NOBODY" })).data).toEqual({ issueEnrolmentCode: refused });
  const foreign = dashboard({ role: "A" }, db.tenant + 1);
  expect((await ask(ISSUE, foreign, { employee: carer.externalId })).data).toEqual({ issueEnrolmentCode: refused });
  const forbidden = { __typename: "ForbiddenError", code: "FORBIDDEN", path: [] };
  expect((await ask(ISSUE, dashboard({ role: "E" }), { employee: carer.externalId })).data).toEqual({
    issueEnrolmentCode: forbidden,
  });
});

test("a person is shown to who may ask about that person, and to nobody else", async () => {
  const id = globalIdText("Person", carer.publicId);
  const own = await ask(NODE, dashboard({ role: "C", department: carer.department ?? 0 }), { id });
  expect(own).toMatchObject({ data: { node: { id, name: carer.name, department: { name: "Hjemmeplejen Øst" } } } });
  expect(own.errors).toBeUndefined();
  for (const principal of [
    dashboard({ role: "C", department: 0 }),
    dashboard({ role: "V" }),
    dashboard({ role: "A" }, db.tenant + 1),
  ]) {
    expect((await ask(NODE, principal, { id })).data).toEqual({ node: null });
  }
  const token: Principal = {
    ...caller,
    kind: "token",
    token: 1,
    tokenId: "t",
    name: "i",
    tenant: db.tenant,
    scopes: ["locks:read"],
    policy,
    expiresAt: 0,
  };
  expect(await ask(NODE, token, { id })).toMatchObject({ data: { node: { name: null } } });
});

test("a look-up with a purpose tells names, to the depot addresses only, and beyond the look-up nobody's", async () => {
  const citizen = db.world.citizens[0];
  const variables = { text: citizen?.name ?? "", purpose: "hotline" };
  const hotline = await ask(LOOK_UP, dashboard({ role: "H" }), variables);
  expect(hotline.errors).toBeUndefined();
  const { citizens } = Object(hotline.data?.lookUpCitizen);
  expect(citizens).toContainEqual(expect.objectContaining({ name: citizen?.name, entryReason: citizen?.entryReason }));
  expect(citizens[0].paths[0].citizen).toEqual({ name: null });
  const [entry] = await db.database.raw`SELECT kind, actor FROM journal ORDER BY seq DESC LIMIT 1`;
  expect(entry).toEqual({ kind: "citizen.consulted", actor: 5 });
  const depot = Object((await ask(LOOK_UP, dashboard({ role: "B" }), variables)).data?.lookUpCitizen).citizens;
  expect(depot).toHaveLength(citizens.length);
  for (const each of depot) expect(each).toMatchObject({ name: null, entryReason: null });
  expect((await ask(NODE, dashboard({ role: "H" }), { id: citizens[0].id })).data).toMatchObject({
    node: { name: null },
  });
});

test("a look-up stays within the caller's districts, and needs words, a purpose and, for the hotline, a call", async () => {
  const oest = await departmentKey("hjemmepleje-oest");
  const nattevagt = await departmentKey("nattevagt");
  const inOest = new Set(db.world.addresses.filter((a) => a.district === "distrikt-oest").map((a) => a.externalId));
  const found = async (role: HeldRole, text: string) =>
    Object((await ask(LOOK_UP, dashboard(role), { text, purpose: "besøg" })).data?.lookUpCitizen).citizens ?? [];
  for (const citizen of db.world.citizens.slice(0, 12)) {
    const names = (list: { name: string }[]) => list.map((each) => each.name);
    const mine = names(await found({ role: "C", department: oest }, citizen.externalId));
    expect(mine).toEqual(inOest.has(citizen.address) ? [citizen.name] : []);
    expect(names(await found({ role: "C", department: nattevagt }, citizen.externalId))).toEqual([citizen.name]);
  }
  const refused = await ask(LOOK_UP, dashboard({ role: "H" }), { text: "Hansen", purpose: " " });
  expect(refused.data).toEqual({
    lookUpCitizen: { __typename: "InvalidInputError", code: "PURPOSE_MISSING", path: ["purpose"] },
  });
  const uncalled = { text: "Hansen", purpose: "besøg" };
  expect((await ask(LOOK_UP_WITHOUT_CALL, dashboard({ role: "H" }), uncalled)).data).toEqual({
    lookUpCitizen: { __typename: "InvalidInputError", code: "CALLER_MISSING", path: ["callerId"] },
  });
  expect((await ask(LOOK_UP_WITHOUT_CALL, dashboard({ role: "D" }), uncalled)).data).toMatchObject({
    lookUpCitizen: { __typename: "LookUpCitizenSuccess" },
  });
  for (const role of [{ role: "I" }, { role: "P", provider: 1 }] as const) {
    expect((await ask(LOOK_UP, dashboard(role), { text: "Hansen", purpose: "besøg" })).data).toMatchObject({
      lookUpCitizen: { code: "FORBIDDEN" },
    });
  }
});

test("a path is shown street inwards, by itself only to who has a right to the place", async () => {
  const wanted = db.world.paths.find((path) => path.doors.length > 1);
  const [row] = await db.database.raw<
    { public_id: string }[]
  >`SELECT public_id FROM path WHERE external_id = ${wanted?.externalId ?? ""}`;
  const id = globalIdText("Path", row?.public_id ?? "");
  const kinds = wanted?.doors.map((door) => ({ kind: db.world.doors.find((each) => each.externalId === door)?.kind }));
  expect(await ask(NODE, dashboard({ role: "H" }), { id })).toMatchObject({ data: { node: { doors: kinds } } });
  const other = await departmentKey("laasepartner");
  for (const principal of [dashboard({ role: "I", department: other }), dashboard({ role: "H" }, db.tenant + 1)]) {
    expect((await ask(NODE, principal, { id })).data).toEqual({ node: null });
  }
});

test("districts are told to everybody of the town, and to nobody else", async () => {
  const names = async (principal: Principal) =>
    Object(await ask("{ districts { id name } }", principal)).data?.districts?.map(
      ({ name }: { name: string }) => name,
    );
  const own = db.world.districts.map(({ name }) => name).toSorted();
  for (const role of ["A", "H", "D"] as const) expect(await names(dashboard({ role }))).toEqual(own);
  expect(await names(dashboard({ role: "A" }, db.tenant + 1))).toEqual([]);
  expect(await names(nobody)).toBeUndefined();
});
