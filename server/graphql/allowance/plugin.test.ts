import { createClient } from "graphql-ws";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import {
  EXAMPLE_TOKEN,
  startExampleEndpoint,
  type ExampleEndpoint,
  type ExampleSettings,
} from "../../simulation/example-endpoint.ts";
import { TOKENS_MAX } from "../limits.ts";
import { READ_COST_MIN, WRITE_COST_MIN } from "./allowance.ts";
import { HELD_MS_MAX } from "./precedence.ts";

/** Four of the cheapest, and next to nothing comes back while a test runs. */
const FOUR = { capacity: 4 * READ_COST_MIN, restorePerSecond: 0.5, underWay: 4 };
const JSON_ONLY = "application/json";

let hub: ExampleEndpoint;
afterEach(() => hub.stop());

async function postedBy(as: string, query: string) {
  const headers = { "content-type": "application/json", authorization: `${EXAMPLE_TOKEN} ${as}` };
  const answer = await fetch(hub.url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return { status: answer.status, text: await answer.text() };
}

async function posted(query: string, accept: string): Promise<number> {
  const headers = { "content-type": "application/json", accept, authorization: EXAMPLE_TOKEN };
  const answer = await fetch(hub.url, { method: "POST", headers, body: JSON.stringify({ query }) });
  await answer.text();
  return answer.status;
}

async function got(query: string): Promise<number> {
  const url = `${hub.url}?query=${encodeURIComponent(query)}`;
  return (await fetch(url, { headers: { accept: JSON_ONLY, authorization: EXAMPLE_TOKEN } })).status;
}

const ROUTES = [
  ["one document", (query: string) => posted(query, JSON_ONLY)],
  ["yoga's own route", (query: string) => posted(query, `${JSON_ONLY};q=1`)],
  ["SSE", (query: string) => posted(query, "text/event-stream")],
  ["GET", got],
] as const;

test.each(ROUTES)("what can't be parsed is charged each time, new or known: %s", async (_route, asked) => {
  hub = await startExampleEndpoint({ allowance: FOUR });
  const many = `{ ${"a ".repeat(TOKENS_MAX)} }`;
  const statuses: number[] = [];
  for (const query of ["{", "{", many, many]) statuses.push(await asked(query));
  expect(statuses).not.toContain(429);
  expect([await asked("{"), await asked(many), await asked("{ hello }")]).toEqual([429, 429, 429]);
});

test("what can't be parsed is charged down a socket as well", async () => {
  hub = await startExampleEndpoint({ allowance: FOUR });
  const client = createClient({
    url: hub.url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: EXAMPLE_TOKEN },
    retryAttempts: 0,
  });
  const said = (query: string): Promise<unknown> =>
    new Promise((resolve) => {
      client.subscribe({ query }, { next: resolve, error: resolve, complete: () => undefined });
    });
  for (let at = 0; at < 4; at += 1) expect(JSON.stringify(await said("{"))).toContain("Syntax Error");
  expect(await said("{")).toMatchObject([{ extensions: { code: "RATE_LIMITED", limit: "cost" } }]);
  await client.dispose();
});

test("whoever's session ends while a block holds it back is told so, and nothing is read for it", async () => {
  const waiting: (() => void)[] = [];
  const slow = (): Promise<string> => new Promise((resolve) => waiting.push(() => resolve("done")));
  hub = await startExampleEndpoint({ allowance: { ...FOUR, capacity: WRITE_COST_MIN, underWay: 1 }, slow });
  const alarm = postedBy("ida", "mutation { alarmSlowly }");
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  const asked = [postedBy("karen", "{ slow }"), postedBy("karen", "{ slow }")];
  // One of the two is refused at once because the other one is under way: held back.
  expect((await Promise.race(asked)).text).toContain('"limit":"operations"');
  hub.endCaller();
  for (const goOn of waiting.splice(0)) goOn();
  expect((await alarm).text).toContain('{"alarmSlowly":"done"}');
  const ended = (await Promise.all(asked)).find(({ status }) => status !== 429);
  expect([ended?.status, waiting.length]).toEqual([401, 0]);
  expect(ended?.text).toContain('"code":"SESSION_EXPIRED"');
});

test("what is in a reserved lane that does not go first is charged to nothing, waits for nobody and holds nobody back", async () => {
  const waiting: (() => void)[] = [];
  const slow = (): Promise<string> => new Promise((resolve) => waiting.push(() => resolve("done")));
  const hasReserved: ExampleSettings["hasReserved"] = ({ key }, { name }) => key === "ida" || name === "farewells";
  hub = await startExampleEndpoint({ allowance: FOUR, slow, hasReserved });
  for (let at = 0; at < 4; at += 1) expect(await posted("{ hello }", JSON_ONLY)).toBe(200);
  expect(await posted("{ hello }", JSON_ONLY)).toBe(429);
  const others = postedBy("ida", "mutation { alarmSlowly }");
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  const own = posted("mutation { farewell }", JSON_ONLY);
  await vi.waitFor(() => expect(waiting).toHaveLength(2));
  waiting[0]?.();
  expect((await others).status).toBe(200);
  const since = performance.now();
  expect((await postedBy("ida", "{ hello }")).status).toBe(200);
  expect(performance.now() - since).toBeLessThan(HELD_MS_MAX / 2);
  waiting[1]?.();
  expect(await own).toBe(200);
});
