import { connect } from "node:net";
import { auditServer } from "graphql-http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import {
  EXAMPLE_COOKIE,
  EXAMPLE_TOKEN,
  startExampleEndpoint,
  type ExampleEndpoint,
} from "../simulation/example-endpoint.ts";

let hub: ExampleEndpoint;

beforeAll(async () => {
  hub = await startExampleEndpoint({ allowedOrigins: new Set(["https://drift.example"]) });
});
afterAll(() => hub.stop());

const json = { accept: "application/graphql-response+json", "content-type": "application/json" };
const asIntegrator = { ...json, authorization: EXAMPLE_TOKEN };

function post(query: string, headers: Record<string, string> = asIntegrator): Promise<Response> {
  return fetch(hub.url, { method: "POST", headers, body: JSON.stringify({ query }) });
}

async function codes(response: Response): Promise<unknown> {
  const body: unknown = await response.json();
  return JSON.parse(JSON.stringify(body)).errors?.map(
    (error: { extensions: { code: string } }) => error.extensions.code,
  );
}

test("the GraphQL over HTTP audit passes 61 of 61 as an integrator", async () => {
  const results = await auditServer({
    url: hub.url,
    fetchFn: (input: string, init: RequestInit = {}) =>
      fetch(input, {
        ...init,
        headers: { ...Object.fromEntries(new Headers(init.headers)), authorization: EXAMPLE_TOKEN },
      }),
  });
  expect(results.filter((result) => result.status !== "ok").map(({ id, name }) => `${id} ${name}`)).toEqual([]);
  expect(results).toHaveLength(61);
});

test("an anonymous caller reads what is open and may not explore the schema; a known one may", async () => {
  expect(await (await post("{ hello }", json)).json()).toMatchObject({ data: { hello: "world" } });
  expect((await post("{ __schema { queryType { name } } }", json)).status).toBe(400);
  const explored = await post("{ __schema { queryType { name } } }");
  expect(await explored.json()).toMatchObject({ data: { __schema: { queryType: { name: "Query" } } } });
});

test("a caller whose session has ended is told so with 401 and nothing more", async () => {
  const answer = await post("{ hello }", { ...json, authorization: "Bearer old" });
  expect(answer.status).toBe(401);
  expect(await codes(answer)).toEqual(["SESSION_EXPIRED"]);
});

test("a mutation is never executed by GET, and other methods are refused", async () => {
  const mutation = `${hub.url}?query=${encodeURIComponent('mutation { open(how: "well") { __typename } }')}`;
  expect((await fetch(mutation, { headers: { authorization: EXAMPLE_TOKEN } })).status).toBe(405);
  const query = `${hub.url}?query=${encodeURIComponent("{ me }")}`;
  expect(await (await fetch(query, { headers: { authorization: EXAMPLE_TOKEN } })).json()).toMatchObject({
    data: { me: "karen" },
  });
  expect((await fetch(hub.url, { method: "PUT" })).status).toBe(405);
  expect((await fetch(hub.url, { method: "OPTIONS", headers: { origin: "https://evil.example" } })).status).toBe(405);
});

test("forms, uploads and batches are refused", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    expect((await post("{ hello }", { "content-type": type })).status).toBe(415);
  }
  const batch = JSON.stringify([{ query: "{ hello }" }, { query: "{ hello }" }]);
  expect((await fetch(hub.url, { method: "POST", headers: asIntegrator, body: batch })).status).toBe(400);
});

test("a page of another origin is refused, the own host and an allowed origin are not", async () => {
  const from = async (headers: Record<string, string>): Promise<number> =>
    (await post("{ hello }", { ...json, ...headers })).status;
  expect(await from({ origin: "https://evil.example" })).toBe(403);
  expect(await from({ origin: "null" })).toBe(403);
  expect(await from({ origin: `http://${hub.host}` })).toBe(200);
  expect(await from({ origin: "https://drift.example" })).toBe(200);
  expect(await from({ "sec-fetch-site": "cross-site" })).toBe(403);
});

test("a POST with a cookie must prove that its page is ours; a token need not", async () => {
  expect((await post("{ me }", { ...json, cookie: EXAMPLE_COOKIE })).status).toBe(403);
  const own = { ...json, cookie: EXAMPLE_COOKIE, origin: `http://${hub.host}` };
  expect(await (await post("{ me }", own)).json()).toMatchObject({ data: { me: "karen" } });
  const fetched = { ...json, cookie: EXAMPLE_COOKIE, "sec-fetch-site": "same-origin" };
  expect((await post("{ me }", fetched)).status).toBe(200);
  expect((await post("{ me }")).status).toBe(200);
});

test("answers are not cached and not sniffed, and no other site may read them", async () => {
  const { headers } = await post("{ hello }");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("access-control-allow-origin")).toBeNull();
});

async function listen(signal: AbortSignal): Promise<ReadableStreamDefaultReader<string>> {
  const headers = { ...asIntegrator, accept: "text/event-stream" };
  const body = JSON.stringify({ query: "subscription { ticks }" });
  const answer = await fetch(hub.url, { method: "POST", headers, body, signal });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  if (answer.body === null) throw new InvariantError("no stream");
  return answer.body.pipeThrough(new TextDecoderStream()).getReader();
}

async function readUntil(reader: ReadableStreamDefaultReader<string>, text: string): Promise<string> {
  let heard = "";
  while (!heard.includes(text)) {
    const { done, value } = await reader.read();
    if (done) return `${heard}<closed>`;
    heard += value;
  }
  return heard;
}

test("a subscription over SSE hears events, and lets go of its source when the client hangs up", async () => {
  const client = new AbortController();
  const reader = await listen(client.signal);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
  hub.tick(7);
  expect(await readUntil(reader, "ticks")).toContain('{"data":{"ticks":7}}');
  client.abort();
  await vi.waitFor(() => expect(hub.listening()).toBe(0));
});

test("an SSE answer ends as soon as its caller's right to be here ends", async () => {
  const reader = await listen(new AbortController().signal);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
  hub.endCaller();
  expect(await readUntil(reader, "never said")).toContain("event: complete");
  expect(hub.listening()).toBe(0);
});

test("a subscriber without the right is refused at once and holds nothing", async () => {
  const headers = { ...json, accept: "text/event-stream" };
  const body = JSON.stringify({ query: "subscription { ticks }" });
  const answer = await fetch(hub.url, { method: "POST", headers, body });
  expect(await answer.text()).toContain('"code":"UNAUTHENTICATED"');
  expect(hub.listening()).toBe(0);
});

test("broken JSON, broken GraphQL and half a request are answered or cut, and the hub goes on", async () => {
  for (const body of ["{", "[]", "null", '{"query":1}', '{"query":"{"}', '{"query":"{hello}","variables":7}']) {
    const answer = await fetch(hub.url, { method: "POST", headers: asIntegrator, body });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  }
  const [host, port] = hub.host.split(":");
  const socket = connect({ host: host ?? "", port: Number(port) });
  socket.end("POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{");
  await new Promise((resolve) => socket.resume().once("close", resolve));
  expect((await post("{ hello }")).status).toBe(200);
});
