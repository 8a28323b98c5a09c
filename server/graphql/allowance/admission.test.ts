import type { FormattedExecutionResult } from "graphql";
import { createClient, type Client } from "graphql-ws";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import {
  EXAMPLE_TOKEN,
  startExampleEndpoint,
  type ExampleEndpoint,
  type ExampleSettings,
} from "../../simulation/example-endpoint.ts";
import { COST_MAX } from "../limits.ts";
import { RESERVED_PRICE_MAX } from "./admission.ts";
import { ALLOWANCE_DEFAULT, READ_COST_MIN, UNDER_WAY_PER_SOCKET_MAX, WRITE_COST_MIN } from "./allowance.ts";

/** Ten of the cheapest reads, and next to nothing comes back while a test runs. */
const SMALL = { capacity: 10 * READ_COST_MIN, restorePerSecond: 0.5, underWay: 4 };

let hub: ExampleEndpoint;
const clients: Client[] = [];

async function start(settings: ExampleSettings): Promise<void> {
  hub = await startExampleEndpoint(settings);
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
  await hub.stop();
});

const Answer = z.object({
  data: z.unknown().optional(),
  errors: z.array(z.object({ extensions: z.looseObject({ code: z.string() }).optional() })).optional(),
  extensions: z
    .object({ cost: z.object({ requested: z.int(), available: z.int(), restoreRate: z.number() }) })
    .optional(),
});

interface Asking {
  readonly as?: string;
  readonly variables?: object;
}

async function ask(query: string, { as = "karen", variables = {} }: Asking = {}) {
  const headers = { "content-type": "application/json", authorization: `${EXAMPLE_TOKEN} ${as}` };
  const response = await fetch(hub.url, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
  const answer = Answer.parse(await response.json());
  const [error] = answer.errors ?? [];
  return { ...answer, status: response.status, headers: response.headers, why: error?.extensions };
}

async function drain(): Promise<void> {
  for (let at = 0; at < 10; at += 1) expect((await ask("{ me }")).status).toBe(200);
}

test("each answer says what it cost and what is left, in its body and its headers", async () => {
  await start({ allowance: { capacity: 1_000, restorePerSecond: 10, underWay: 4 } });
  const page = "query($first: Int) { doors(first: $first) { edges { node { name } } } }";
  const { status, headers, extensions } = await ask(page, { variables: { first: 100 } });
  expect([status, extensions]).toEqual([200, { cost: { requested: 301, available: 699, restoreRate: 10 } }]);
  expect(headers.get("ratelimit-policy")).toBe('"cost";q=1000;w=100');
  expect(headers.get("ratelimit")).toBe('"cost";r=699;t=31');
  expect((await ask("{ me }")).extensions?.cost.requested).toBe(READ_COST_MIN);
  expect((await ask('mutation { open(how: "well") { __typename } }')).extensions?.cost.requested).toBe(WRITE_COST_MIN);
  expect((await ask(page, { variables: { first: 50 } })).extensions?.cost.requested).toBe(151);
  expect((await ask(page, { variables: { first: 100 } })).extensions?.cost.requested).toBe(301);
});

test("whoever has spent everything is refused with 429 and when to come again; others are not", async () => {
  await start({ allowance: SMALL });
  await drain();
  const refused = await ask("{ me }");
  expect([refused.status, refused.data]).toEqual([429, undefined]);
  expect(refused.why).toEqual({ code: "RATE_LIMITED", limit: "cost", retryAfterMs: expect.any(Number) });
  const waitS = Number(refused.headers.get("retry-after"));
  expect(waitS).toBeGreaterThan(45);
  expect(waitS).toBeLessThanOrEqual(50);
  expect(refused.extensions?.cost).toMatchObject({ requested: READ_COST_MIN });
  expect((await ask("{ me }", { as: "ida" })).status).toBe(200);
  expect(hub.turnedAway.get("cost")).toBe(1);
});

test("an operator's factor widens everybody's allowance", async () => {
  await start({ allowance: SMALL, allowanceFactor: 2 });
  await drain();
  await drain();
  expect((await ask("{ me }")).status).toBe(429);
});

test("wrong variables and unknown operations are charged and told as what they are", async () => {
  await start({ allowance: SMALL });
  const wrong = await ask("query($first: Int) { doors(first: $first) { edges { cursor } } }", {
    variables: { first: "many" },
  });
  expect(wrong.why?.code).not.toBe("RATE_LIMITED");
  expect((await ask("{ me }")).extensions?.cost.available).toBe(8 * READ_COST_MIN);
});

test("a program that asks for what there is not is slowed down like one that asks for what there is", async () => {
  await start({ allowance: SMALL });
  for (let at = 0; at < 10; at += 1) expect((await ask("{ nothing }")).why?.code).toBe("GRAPHQL_VALIDATION_FAILED");
  const refused = await ask("{ nothing }");
  expect([refused.status, refused.why?.limit]).toEqual([429, "cost"]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(45);
  expect((await ask("{ me }")).status).toBe(429);
  expect(await said(connect(), "{ nothing }").catch((errors: unknown) => errors)).toMatchObject([
    { extensions: { code: "RATE_LIMITED", limit: "cost" } },
  ]);
});

test("what is dearer than any operation may be is refused by its price still", async () => {
  await start({});
  const dear =
    "query($first: Int) { doors(first: $first) { edges { node { name neighbour { name neighbour { name } } } } } }";
  const allowed = await ask(dear, { variables: { first: 200 } });
  expect(allowed.errors).toBeUndefined();
  const fields = Array.from({ length: 30 }, (_, at) => `a${at}: name`).join(" ");
  const refused = await ask(`{ doors(first: 200) { edges { node { ${fields} } } } }`);
  expect([refused.status, refused.why?.code]).toEqual([200, "TOO_COSTLY"]);
});

test("a page size that is null has the price of a page without a size, whatever was priced before", async () => {
  await start({});
  const query = `query($n: Int = 1) { doors(first: $n) { edges { node { ${"neighbour { name } ".repeat(60)} } } } }`;
  expect((await ask(query)).why).toBeUndefined();
  const dear = await ask(query, { variables: { n: null } });
  expect([dear.why?.code, dear.extensions?.cost.requested]).toEqual(["TOO_COSTLY", COST_MAX]);
  expect((await ask(query)).why).toBeUndefined();
});

/** Questions that stay under way until they are let go. */
function held() {
  const waiting: (() => void)[] = [];
  const slow = (): Promise<string> => new Promise((resolve) => waiting.push(() => resolve("done")));
  const letGo = (): void => {
    for (const each of waiting.splice(0)) each();
  };
  return { waiting, slow, letGo };
}

test("a caller has so many operations under way at once, and new ones as soon as those have ended", async () => {
  const { waiting, slow, letGo } = held();
  await start({ allowance: { ...ALLOWANCE_DEFAULT, underWay: 4 }, slow });
  const asked = Array.from({ length: 4 }, () => ask("{ slow }"));
  await vi.waitFor(() => expect(waiting).toHaveLength(4));
  const refused = await ask("{ me }");
  expect([refused.status, refused.why?.limit, refused.headers.get("retry-after")]).toEqual([429, "operations", "1"]);
  expect((await ask("{ me }", { as: "ida" })).status).toBe(200);
  letGo();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await ask("{ me }")).status).toBe(200);
});

test("what nobody waits for any more is under way until its work has ended", async () => {
  const { waiting, slow, letGo } = held();
  await start({ allowance: { ...ALLOWANCE_DEFAULT, underWay: 1 }, slow, limits: { operationMs: 50 } });
  expect((await ask("{ slow }")).status).toBe(504);
  expect(waiting).toHaveLength(1);
  expect((await ask("{ me }")).status).toBe(429);
  letGo();
  await vi.waitFor(async () => expect((await ask("{ me }")).status).toBe(200));
});

test("a reserved lane is open to whoever has spent everything and has all under way, and has its own end", async () => {
  const { waiting, slow, letGo } = held();
  await start({ allowance: { ...SMALL, underWay: 1 }, slow });
  for (let at = 0; at < 9; at += 1) await ask("{ me }");
  const last = ask("{ slow }");
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  expect((await ask("{ me }")).status).toBe(429);
  expect((await ask("mutation { alarm }")).data).toEqual({ alarm: "heard" });
  expect((await ask("mutation { ...A } fragment A on Mutation { one: alarm two: alarm }")).status).toBe(200);
  const refused = await ask("mutation { alarm }");
  expect([refused.status, refused.why?.limit, refused.headers.get("retry-after")]).toEqual([429, "alarms", "2"]);
  expect((await ask("mutation { alarm }", { as: "ida" })).status).toBe(200);
  letGo();
  await last;
});

test("nothing travels in a reserved lane beside what it is for", async () => {
  await start({ allowance: SMALL });
  await drain();
  expect((await ask("mutation { alarm leave }")).why?.limit).toBe("cost");
  expect((await ask("mutation { alarm ... on Mutation { leave } }")).why?.limit).toBe("cost");
});

test("a reserved lane takes what is cheap; what asks for more with it is an ordinary operation", async () => {
  await start({ allowance: SMALL });
  await drain();
  const fields = (count: number): string => `mutation { alarmAll { ${"neighbour { name } ".repeat(count)} } }`;
  expect((await ask(fields(14))).why).toBeUndefined();
  const dear = await ask(fields(RESERVED_PRICE_MAX / 20));
  expect([dear.status, dear.why?.limit, dear.extensions?.cost.requested]).toEqual([
    429,
    "cost",
    RESERVED_PRICE_MAX + 1,
  ]);
});

test("a lane is reserved for those who may do what it is for, and nobody else goes first by it", async () => {
  await start({ allowance: SMALL, hasReserved: ({ key }) => key === "karen" });
  await drain();
  for (let at = 0; at < 10; at += 1) await ask("{ me }", { as: "ida" });
  expect((await ask("mutation { alarm }")).data).toEqual({ alarm: "heard" });
  const refused = await ask("mutation { alarm }", { as: "ida" });
  expect([refused.status, refused.why?.limit]).toEqual([429, "cost"]);
});

test("a lane that is not reserved is charged beside the cost, for each time it is used", async () => {
  await start({});
  expect((await ask("mutation { a: leave b: leave }")).status).toBe(200);
  const refused = await ask("mutation { leave }");
  expect([refused.status, refused.why?.limit, refused.headers.get("retry-after")]).toEqual([429, "leaves", "10"]);
  expect((await ask("{ me }")).status).toBe(200);
});

function connect(as = "karen"): Client {
  const client = createClient({
    url: hub.url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `${EXAMPLE_TOKEN} ${as}` },
    retryAttempts: 0,
    lazy: false,
  });
  clients.push(client);
  return client;
}

/** The first answer to an operation down a socket: its data, or the extensions of its first error. */
function said(client: Client, query: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const next = ({ data, errors }: FormattedExecutionResult): void =>
      resolve(errors?.[0] === undefined ? data : errors[0].extensions);
    client.subscribe({ query }, { next, error: reject, complete: () => undefined });
  });
}

test("down a socket the same is said for the operation, subscriptions too, and the socket stays", async () => {
  await start({ allowance: SMALL });
  const client = connect();
  for (let at = 0; at < 10; at += 1) expect(await said(client, "{ me }")).toEqual({ me: "karen" });
  const refusal = { code: "RATE_LIMITED", limit: "cost", retryAfterMs: expect.any(Number) };
  expect(await said(client, "{ me }")).toEqual(refusal);
  expect(await said(client, "subscription { ticks }")).toEqual(refusal);
  expect(await said(client, "mutation { alarm }")).toEqual({ alarm: "heard" });
  expect([hub.sockets(), hub.listening()]).toEqual([1, 0]);
});

test("a subscription over SSE is charged when it begins, and refused with 429 like anything else", async () => {
  await start({ allowance: SMALL });
  await drain();
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const refused = await fetch(hub.url, {
    method: "POST",
    headers: { ...headers, authorization: `${EXAMPLE_TOKEN} karen` },
    body: JSON.stringify({ query: "subscription { ticks }" }),
  });
  expect([refused.status, Number(refused.headers.get("retry-after")) > 0]).toEqual([429, true]);
  expect(await refused.text()).toContain('"code":"RATE_LIMITED"');
  expect(hub.listening()).toBe(0);
});

test("one socket has so many operations under way at once, whatever its caller may have in all", async () => {
  const { waiting, slow, letGo } = held();
  await start({ allowance: { ...ALLOWANCE_DEFAULT, underWay: 1_000 }, slow });
  const client = connect();
  const asked = Array.from({ length: UNDER_WAY_PER_SOCKET_MAX }, () => said(client, "{ slow }"));
  await vi.waitFor(() => expect(waiting).toHaveLength(UNDER_WAY_PER_SOCKET_MAX));
  expect(await said(client, "{ me }")).toMatchObject({ code: "RATE_LIMITED", limit: "operationsPerSocket" });
  expect(await said(connect(), "{ me }")).toEqual({ me: "karen" });
  letGo();
  await Promise.all(asked);
  expect(await said(client, "{ me }")).toEqual({ me: "karen" });
});
