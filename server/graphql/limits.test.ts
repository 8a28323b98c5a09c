import { connect } from "node:net";
import { getIntrospectionQuery } from "graphql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE_TOKEN, startExampleEndpoint, type ExampleEndpoint } from "../simulation/example-endpoint.ts";
import {
  ALIASES_MAX,
  BODY_BYTES_MAX,
  DEPTH_MAX,
  DIRECTIVES_MAX,
  FIELDS_MAX,
  ROOT_FIELDS_MAX,
  TELLING_MS,
  TOKENS_MAX,
} from "./limits.ts";

let hub: ExampleEndpoint;
let impatient: ExampleEndpoint;

beforeAll(async () => {
  hub = await startExampleEndpoint();
  impatient = await startExampleEndpoint({ limits: { operationMs: 200, bodyReadMs: 200 } });
});
afterAll(() => Promise.all([hub.stop(), impatient.stop()]));

const accept = "application/graphql-response+json";
const headers = { accept, "content-type": "application/json", authorization: EXAMPLE_TOKEN };

async function ask(query: string, url = hub.url): Promise<{ status: number; limit: unknown; code: unknown }> {
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { errors } = JSON.parse(await answer.text());
  return { status: answer.status, limit: errors?.[0].extensions?.limit, code: errors?.[0].extensions?.code };
}

const times = (count: number, text: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
const nested = (depth: number): string =>
  `{ doors(first: 1) { edges { node { ${"neighbour { ".repeat(depth - 4)} name ${"} ".repeat(depth - 4)} } } } }`;

test("what waits on purpose, one after the other, is told before the operation's time is up", async () => {
  const patient = await startExampleEndpoint({ limits: { operationMs: TELLING_MS + 300 } });
  try {
    const query = "mutation { first: patient second: patient third: patient }";
    const answer = await fetch(patient.url, { method: "POST", headers, body: JSON.stringify({ query }) });
    const { data } = JSON.parse(await answer.text());
    expect([answer.status, data]).toEqual([200, { first: "told", second: "told", third: "told" }]);
  } finally {
    await patient.stop();
  }
});

test.each([
  ["depth", nested(DEPTH_MAX), nested(DEPTH_MAX + 1)],
  [
    "aliases",
    `{ doors { ${times(ALIASES_MAX, (i) => `a${i}: pageInfo { hasNextPage }`)} } }`,
    `{ doors { ${times(ALIASES_MAX + 1, (i) => `a${i}: pageInfo { hasNextPage }`)} } }`,
  ],
  [
    "directives",
    `{ doors { edges { node { ${times(DIRECTIVES_MAX, () => "name @include(if: true)")} } } } }`,
    `{ doors { edges { node { ${times(DIRECTIVES_MAX + 1, () => "name @include(if: true)")} } } } }`,
  ],
  ["rootFields", `{ ${"hello ".repeat(ROOT_FIELDS_MAX)} }`, `{ ${"hello ".repeat(ROOT_FIELDS_MAX + 1)} }`],
  [
    "fields",
    `{ doors(first: 1) { edges { node { ${"name ".repeat(FIELDS_MAX - 3)} } } } }`,
    `{ doors(first: 1) { edges { node { ${"name ".repeat(FIELDS_MAX - 2)} } } } }`,
  ],
])(
  "%s: at the limit it is answered, one beyond it is refused with the limit's name",
  async (limit, allowed, refused) => {
    expect(await ask(allowed)).toEqual({ status: 200, limit: undefined, code: undefined });
    expect(await ask(refused)).toEqual({ status: 400, limit, code: "LIMIT_EXCEEDED" });
  },
);

test("tokens: at the limit a document is parsed, one beyond it is refused", async () => {
  const document = (tokens: number): string => `{ hello(${"!".repeat(tokens - 4)} }`;
  expect((await ask(document(TOKENS_MAX))).limit).toBeUndefined();
  expect(await ask(document(TOKENS_MAX + 1))).toMatchObject({ status: 400 });
  const fields = `{ doors { edges { node { ${"name ".repeat(TOKENS_MAX)} } } } }`;
  expect(await ask(fields)).toEqual({ status: 400, limit: "tokens", code: "LIMIT_EXCEEDED" });
});

test("what fragments multiply counts, without spending the time to expand them", async () => {
  const bomb = times(30, (i) => `fragment f${i} on Door { ...f${i + 1} neighbour { ...f${i + 1} } }`);
  const query = `{ doors { edges { node { ...f0 } } } } ${bomb} fragment f30 on Door { name }`;
  expect((await ask(query)).code).toBe("LIMIT_EXCEEDED");
  const circle = "{ doors { edges { node { ...a } } } } fragment a on Door { ...b } fragment b on Door { ...a }";
  expect((await ask(circle)).status).toBe(400);
});

test("the introspection that tools send is within the limits", async () => {
  expect(await ask(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true }))).toMatchObject({
    status: 200,
  });
});

test("a body of 256 KiB is read, one byte more is refused, declared or streamed", async () => {
  const body = (bytes: number): string => JSON.stringify({ query: "{ hello }" }).padEnd(bytes, " ");
  const post = (text: string | ReadableStream): Promise<Response> => {
    const init = { method: "POST", headers, body: text, duplex: "half" };
    return fetch(hub.url, init);
  };
  expect((await post(body(BODY_BYTES_MAX))).status).toBe(200);
  expect((await post(body(BODY_BYTES_MAX + 1))).status).toBe(413);
  const streamed = new Blob([body(BODY_BYTES_MAX + 1)]).stream();
  const status = await post(streamed).then(
    (answer) => answer.status,
    () => "cut",
  );
  expect([413, "cut"]).toContain(status);
});

test("a body that drips in is refused in time", async () => {
  const [host = "", port] = impatient.host.split(":");
  const socket = connect({ host, port: Number(port) });
  socket.write(
    `POST /graphql HTTP/1.1\r\nhost: ${impatient.host}\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{`,
  );
  const heard = await new Promise((resolve) => socket.once("data", (data) => resolve(data.toString())));
  expect(heard).toMatch(/^HTTP\/1\.1 408 /);
  socket.destroy();
});

test("an operation that takes too long is answered without its result", async () => {
  expect(await ask("{ slow }", impatient.url)).toMatchObject({ status: 504, code: "TIMEOUT" });
  expect(await ask("{ hello }", impatient.url)).toMatchObject({ status: 200 });
});
