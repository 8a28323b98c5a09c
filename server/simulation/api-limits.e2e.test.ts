import { Agent, request as httpRequest } from "node:http";
import { generateKeyPairSync } from "node:crypto";
import { auditServer } from "graphql-http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  ALIASES_MAX,
  BODY_BYTES_MAX,
  COST_MAX,
  DEPTH_MAX,
  DIRECTIVES_MAX,
  FIELDS_MAX,
  FIRST_MAX,
  ROOT_FIELDS_MAX,
  SOCKETS_PER_CALLER_MAX,
  TOKENS_MAX,
} from "../graphql/limits.ts";
import { ask, outcomeOf, type ApiAnswer } from "./api-ask.ts";
import { bearer } from "./api-client.ts";
import { listenBySocket, type Live } from "./api-live.ts";
import { startApiTown, type ApiTown } from "./api-town.ts";
import { signedClaim } from "./claim.ts";
import { RawMqtt } from "./raw-mqtt.ts";
import { topicText } from "@portner/schema/mqtt";

/** As requirements and api.md have them: a constant that moves must move here too. */
const LIMITS = {
  body: 262_144,
  cost: 5_000,
  first: 200,
  waitMs: 15_000,
  reason: 500,
  signIns: 10,
  codes: 10,
  claims: 10,
};

let api: ApiTown;
beforeAll(async () => {
  api = await startApiTown();
}, 90_000);
afterAll(() => api.town.end());

function send(query: string, variables: object = {}): Promise<ApiAnswer> {
  return ask(api.hub.url, query, { who: api.who.A, variables });
}

const limit = (name: string, max: number) => expect.objectContaining({ code: "LIMIT_EXCEEDED", limit: name, max });
const Errors = z.object({ errors: z.array(z.object({ extensions: z.looseObject({}) })) });

const Priced = z.object({ extensions: z.object({ cost: z.object({ requested: z.number() }) }) });

/** What the hub says the operation was charged. */
function requestedIn({ text }: ApiAnswer): number {
  return Priced.parse(JSON.parse(text)).extensions.cost.requested;
}

/** What is said against an operation at its limit, and against one beyond. */
async function objections(just: string, beyond: string): Promise<unknown[]> {
  const allowed = await send(just);
  const refusal = await send(beyond);
  return [allowed.codes, Errors.parse(JSON.parse(refusal.text)).errors[0]?.extensions];
}

const repeat = (count: number, part: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => part(at)).join(" ");

test("the GraphQL over HTTP audit passes 61 of 61 as an integrator", async () => {
  const results = await auditServer({
    url: `${api.hub.url}/graphql`,
    fetchFn: (input: string, init: RequestInit = {}) =>
      fetch(input, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: `Bearer ${api.token}` },
      }),
  });
  expect(results.filter(({ status }) => status !== "ok").map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});

test("a body has 256 KiB", async () => {
  expect(BODY_BYTES_MAX).toBe(LIMITS.body);
  const bodyOf = (bytes: number): string => {
    const text = '{"query":"{ viewer { __typename } }"}';
    return `${text}${" ".repeat(bytes - text.length)}`;
  };
  const post = (body: string): Promise<Response> =>
    fetch(`${api.hub.url}/graphql`, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect((await post(bodyOf(LIMITS.body))).status).toBe(200);
  expect((await post(bodyOf(LIMITS.body + 1))).status).toBe(413);
});

test("a body without a length is cut at 256 KiB as well", async () => {
  const status = await new Promise<number>((resolve) => {
    const agent = new Agent();
    const headers = { "content-type": "application/json", "transfer-encoding": "chunked" };
    const sent = httpRequest(`${api.hub.url}/graphql`, { method: "POST", headers, agent }, (response) => {
      resolve(response.statusCode ?? 0);
      agent.destroy();
    });
    sent.on("error", () => resolve(0));
    sent.end(Buffer.alloc(LIMITS.body + 1, " "));
  });
  expect(status).toBe(413);
});

test("an operation has at most so many levels, aliases, directives, root fields, fields and tokens", async () => {
  const nest = (levels: number): string =>
    `{ __schema { types { ${"ofType { ".repeat(levels)} name ${"} ".repeat(levels)} } } }`;
  expect(await objections(nest(DEPTH_MAX - 3), nest(DEPTH_MAX - 2))).toEqual([[], limit("depth", DEPTH_MAX)]);
  const aliased = (count: number): string => `{ viewer { ${repeat(count, (at) => `a${at}: __typename`)} } }`;
  expect(await objections(aliased(ALIASES_MAX), aliased(ALIASES_MAX + 1))).toEqual([[], limit("aliases", ALIASES_MAX)]);
  const directed = (count: number): string => `{ viewer { ${repeat(count, () => "__typename @include(if: true)")} } }`;
  expect(await objections(directed(DIRECTIVES_MAX), directed(DIRECTIVES_MAX + 1))).toEqual([
    [],
    limit("directives", DIRECTIVES_MAX),
  ]);
  const roots = (count: number): string => `{ ${repeat(count, () => "__typename")} }`;
  expect(await objections(roots(ROOT_FIELDS_MAX), roots(ROOT_FIELDS_MAX + 1))).toEqual([
    [],
    limit("rootFields", ROOT_FIELDS_MAX),
  ]);
  const fields = (count: number): string => `{ viewer { ${repeat(count - 1, () => "__typename")} } }`;
  expect(await objections(fields(FIELDS_MAX), fields(FIELDS_MAX + 1))).toEqual([[], limit("fields", FIELDS_MAX)]);
  const tokens = (count: number): string =>
    `{ locks(filter: { problems: [${repeat(count - 19, () => "SILENT")}] }) { pageInfo { hasNextPage } } }`;
  expect(await objections(tokens(TOKENS_MAX), tokens(TOKENS_MAX + 1))).toEqual([[], limit("tokens", TOKENS_MAX)]);
});

test("an operation costs five thousand at most", async () => {
  expect(COST_MAX).toBe(LIMITS.cost);
  // The list is 1 + 100 × (edges, node and 47 fields), the viewer 1 and a field each.
  const priced = (cost: number): string => {
    const viewer = cost - 4_901 - 1;
    const nodes = `edges { node { ${repeat(47, () => "serial")} } }`;
    return `{ locks(first: 100) { ${nodes} } viewer { ... on AccountViewer { ${repeat(viewer, () => "name")} } } }`;
  };
  const just = await send(priced(LIMITS.cost));
  expect([just.codes, requestedIn(just)]).toEqual([[], LIMITS.cost]);
  const beyond = await send(priced(LIMITS.cost + 1));
  expect([beyond.codes, beyond.data]).toEqual([["TOO_COSTLY"], {}]);
  expect(beyond.messages[0]).toBe("the operation costs 5001; at most 5000");
});

test("a page has two hundred", async () => {
  expect(FIRST_MAX).toBe(LIMITS.first);
  const page = (first: number): string => `{ locks(first: ${first}) { edges { node { id } } } }`;
  expect((await send(page(LIMITS.first))).codes).toEqual([]);
  for (const first of [LIMITS.first + 1, 0, -1]) expect((await send(page(first))).codes).toEqual(["INVALID_INPUT"]);
  for (const field of ["journal", "quarantinedMessages"]) {
    const query = (first: number): string => `{ ${field}(first: ${first}) { edges { cursor } } }`;
    expect([field, (await send(query(LIMITS.first))).codes]).toEqual([field, []]);
    expect([field, (await send(query(LIMITS.first + 1))).codes]).toEqual([field, ["INVALID_INPUT"]]);
  }
  expect((await send('{ search(text: "Fj", first: 201) { __typename } }')).codes).toEqual(["INVALID_INPUT"]);
  expect((await send('{ search(text: "F") { __typename } }')).codes).toEqual(["INVALID_INPUT"]);
  expect((await send(`{ search(text: "${"x".repeat(121)}") { __typename } }`)).codes).toEqual(["INVALID_INPUT"]);
});

test("an opening waits for at most fifteen seconds, under a key of a certain form", async () => {
  const open = async (input: object): Promise<string> => {
    const query =
      "mutation($input: OpenDoorInput!) { openDoor(input: $input) { __typename ... on UserError { code path } } }";
    const variables = { input: { target: { lock: api.own.lock }, idempotencyKey: "limits-0001", waitMs: 0, ...input } };
    return outcomeOf(await ask(api.hub.url, query, { who: api.own.phone.credentials, variables }), "openDoor");
  };
  for (const waitMs of [-1, LIMITS.waitMs + 1]) expect(await open({ waitMs })).toBe("INVALID_INPUT");
  expect(await open({ reason: "x".repeat(LIMITS.reason + 1) })).toBe("REASON_TOO_LONG");
  expect(await open({ reason: "x".repeat(LIMITS.reason), idempotencyKey: "limits-0002" })).toBe("LOCK_OFFLINE");
  for (const idempotencyKey of ["", "seven77", "x".repeat(65), "has a blank", "semi;colon", "æøåæøåæø"]) {
    expect([idempotencyKey, await open({ idempotencyKey })]).toEqual([idempotencyKey, "INVALID_INPUT"]);
  }
  // The lock is silent, so there is nothing to wait for.
  expect(await open({ waitMs: LIMITS.waitMs })).toBe("LOCK_OFFLINE");
  expect(await open({ idempotencyKey: "x".repeat(64) })).toBe("LOCK_OFFLINE");
  expect(await open({ idempotencyKey: "limits-0001", target: { path: api.own.path } })).toBe("IDEMPOTENCY_KEY_REUSED");
});

test("a caller has so many sockets", async () => {
  const params = { authorization: `Bearer ${api.token}` };
  const lives: Live[] = [];
  try {
    const query = "subscription { lockChanged { kind } }";
    for (let at = 0; at < SOCKETS_PER_CALLER_MAX; at += 1) {
      const live = listenBySocket(api.hub.url, query, { params });
      lives.push(live);
      await live.until((item) => item.data !== undefined && item.data !== null);
    }
    const one = listenBySocket(api.hub.url, query, { params });
    lives.push(one);
    await one.untilEnded();
    expect(one.code).toBe(1013);
  } finally {
    for (const live of lives) live.close();
  }
});

test("a login has ten tries in a quarter of an hour, and what refuses it tells nothing", async () => {
  const known = (await api.signIn({ role: "D" })).login;
  for (const login of [known, "nobody@example.test"]) {
    const tried: string[] = [];
    for (let tries = 0; tries <= LIMITS.signIns; tries += 1) {
      const query = "mutation($input: SignInInput!) { signIn(input: $input) { ... on UserError { code message } } }";
      const answer = await ask(api.hub.url, query, { variables: { input: { login, password: "wrong password" } } });
      tried.push(outcomeOf(answer, "signIn"));
    }
    expect(tried).toEqual([...Array.from({ length: LIMITS.signIns }, () => "SIGN_IN_REFUSED"), "TOO_MANY_TRIES"]);
  }
  const right = { input: { login: known, password: api.password } };
  const query = "mutation($input: SignInInput!) { signIn(input: $input) { ... on UserError { code } } }";
  expect(outcomeOf(await ask(api.hub.url, query, { variables: right }), "signIn")).toBe("TOO_MANY_TRIES");
});

const rawKey = (): string | undefined => generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }).x;

test("an address has ten wrong claims and ten wrong codes, and then waits", async () => {
  const claim = async (): Promise<string> => {
    const query =
      "mutation($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) { ... on UserError { code } } }";
    const input = signedClaim({ serial: api.own.serial, claim: "x".repeat(43) });
    return outcomeOf(await ask(api.hub.url, query, { variables: { input } }), "commissionLockUnit");
  };
  const enrol = async (code: string): Promise<string> => {
    const query = "mutation($input: EnrolPhoneInput!) { enrolPhone(input: $input) { ... on UserError { code } } }";
    const variables = { input: { code, publicKey: rawKey(), model: "Test phone" } };
    return outcomeOf(await ask(api.hub.url, query, { variables }), "enrolPhone");
  };
  for (let tries = 0; tries < LIMITS.claims; tries += 1) expect(await claim()).toBe("CLAIM_REFUSED");
  expect(await claim()).toBe("TOO_MANY_TRIES");
  for (let tries = 0; tries < LIMITS.codes; tries += 1) expect(await enrol("0000-0000-0000")).toBe("CODE_UNKNOWN");
  expect(await enrol("0000-0000-0000")).toBe("TOO_MANY_TRIES");
});

const SOURCE = `mutation($i: DecideInput!) { x }`;

test("ids that are unknown, of another type, malformed or from next door are typed errors", async () => {
  const bad = [
    ...["", "x", "%%%", "TG9jazo=", Buffer.from("Lock:").toString("base64url"), "A".repeat(5_000)],
    ...[Buffer.from("Lock:' OR 1=1 --").toString("base64url"), Buffer.from("Nothing:abc").toString("base64url")],
    ...[Buffer.from("Lock:00000000-0000-4000-8000-000000000000").toString("base64url"), api.own.credential],
    ...[api.own.path, api.foreign.lock, Buffer.from("Query:abc").toString("base64url")],
    ...[Buffer.from("DoorEvent:abc").toString("base64url"), Buffer.from("Constructor:abc").toString("base64url")],
  ];
  const queries = [
    ["node", "query($id: ID!) { node(id: $id) { id } }"],
    ["lock", "query($id: ID!) { lock(by: { id: $id }) { id } }"],
    ["locks", "query($id: ID!) { locks(filter: { districts: [$id] }) { edges { cursor } } }"],
    ["journal", "query($id: ID!) { journal(filter: { lock: $id }) { edges { cursor } } }"],
    ["decide", `query($id: ID!) { decide(input: { credential: $id, lock: $id }) { outcome } }`],
    [
      "blockCredential",
      'mutation($id: ID!) { blockCredential(input: { credential: $id, reason: "x" }) { ... on BlockCredentialSuccess { endedSessions } ... on UserError { code } } }',
    ],
    [
      "unblockCredential",
      `mutation($id: ID!) { unblockCredential(input: { credential: $id, blocks: [$id], reason: "x" }) { ... on UserError { code } } }`,
    ],
    [
      "openDoor",
      `mutation($id: ID!) { openDoor(input: { target: { lock: $id }, idempotencyKey: "bad-ids-01", reason: "x" }) { ... on UserError { code } } }`,
    ],
    [
      "openDoor",
      `mutation($id: ID!) { openDoor(input: { target: { path: $id }, idempotencyKey: "bad-ids-02", reason: "x" }) { ... on UserError { code } } }`,
    ],
  ] as const;
  const allowed = new Set(["NOT_FOUND", "INVALID_INPUT", "null", "NEEDS_SECOND_PERSON"]);
  for (const [field, query] of queries) {
    for (const id of bad) {
      const answer = await send(query, { id });
      const outcome = outcomeOf(answer, field);
      const real = id === api.own.credential || id === api.own.path;
      if (real || field === "locks") expect(outcome, `${field} ${id}`).not.toBe("INTERNAL");
      else expect(allowed, `${field} ${id} ${answer.text}`).toContain(outcome);
      expect(answer.text).not.toMatch(/INTERNAL|select |insert |postgres|drizzle|\.ts:\d|constraint/i);
    }
  }
});

test("cursors that nobody gave, and input of the wrong shape, are typed errors too", async () => {
  for (const after of ["", "j1", "j1.-1", "j9.999999999999999999", "x", "j1.1; drop table journal"]) {
    for (const field of ["journal", "locks", "quarantinedMessages"]) {
      const answer = await send(`query($after: String) { ${field}(after: $after) { edges { cursor } } }`, { after });
      expect(["INVALID_INPUT", "ok"], `${field} ${after} ${answer.text}`).toContain(outcomeOf(answer, field));
      expect(answer.text).not.toContain("INTERNAL");
    }
  }
  const shapes = [
    SOURCE,
    "{",
    "",
    "{ nothing }",
    "query($x: Int) { locks(first: $x) { nothing } }",
    "subscription { a b }",
  ];
  for (const query of shapes) {
    const answer = await ask(api.hub.url, query, { who: bearer(api.token) });
    expect(answer.text).not.toMatch(/INTERNAL|\.ts:\d/);
    expect(answer.messages.length).toBeGreaterThan(0);
  }
});

test("a lock may publish nowhere but on its own channels, at the real broker", async () => {
  const { lockId, unit } = api.own;
  const topics = [
    topicText({ tenant: unit.tenant, lock: lockId, channel: "cmd" }),
    topicText({ tenant: unit.tenant, lock: api.other.lockId, channel: "evt" }),
    topicText({ tenant: api.foreign.unit.tenant, lock: lockId, channel: "evt" }),
    topicText({ tenant: unit.tenant, channel: "deny" }),
    "portner/1/x",
  ];
  const before = await send("{ quarantinedMessages { edges { cursor } } }");
  for (const topic of topics) {
    const line = new RawMqtt(api.town.broker.url);
    expect(await line.connect({ clientId: lockId, user: lockId, secret: unit.brokerSecret })).toBe(0);
    await line.publish(topic, "nonsense");
    line.cut();
  }
  expect((await send("{ quarantinedMessages { edges { cursor } } }")).data).toEqual(before.data);
});
