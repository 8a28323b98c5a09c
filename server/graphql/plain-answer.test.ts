import { afterAll, beforeAll, expect, test } from "vitest";
import {
  EXAMPLE_COOKIE,
  EXAMPLE_TOKEN,
  startExampleEndpoint,
  type ExampleEndpoint,
} from "../simulation/example-endpoint.ts";

let hub: ExampleEndpoint;

beforeAll(async () => {
  hub = await startExampleEndpoint({ limits: { operationMs: 200 } });
});
afterAll(() => hub.stop());

const BODIES: readonly unknown[] = [
  { query: "{ hello }" },
  { query: "{ me hello __typename }" },
  { query: "query A { hello } query B { me }", operationName: "B" },
  { query: "query A { hello } query B { me }" },
  { query: "query A { hello }", operationName: "C" },
  { query: "query A { hello }", operationName: null, variables: null },
  { query: "query($n: Int) { doors(first: $n) { edges { node { name } } } }", variables: { n: 2 } },
  { query: "query($n: Int) { doors(first: $n) { edges { node { name } } } }", variables: { n: "two" } },
  { query: "query($n: Int) { doors(first: $n) { edges { node { name } } } }", variables: { n: 100_000 } },
  { query: 'mutation { open(how: "well") { __typename } }' },
  { query: 'mutation { open(how: "badly") { __typename ... on UserError { code message } } }' },
  { query: "{ slow }" },
  { query: "{ nothing }" },
  { query: "{" },
  { query: "" },
  { query: "{ __schema { queryType { name } } }" },
  { query: `{ ${"hello ".repeat(30)} }` },
  { query: "subscription { ticks }" },
  { query: "{ hello }", variables: [] },
  { query: "{ hello }", variables: "x" },
  { query: "{ hello }", operationName: 7 },
  { query: "{ hello }", extensions: {} },
  { query: "{ hello }", id: "x" },
  { query: 7 },
  {},
  [],
  [{ query: "{ hello }" }],
  null,
  7,
];

const CALLERS: readonly Readonly<Record<string, string>>[] = [
  { authorization: EXAMPLE_TOKEN },
  {},
  { cookie: EXAMPLE_COOKIE },
];

const HEADERS = [
  ...["content-type", "cache-control", "x-content-type-options"],
  ...["allow", "set-cookie", "ratelimit-policy", "retry-after"],
];

async function ask(body: string, headers: Readonly<Record<string, string>>) {
  const own = { "content-type": "application/json", origin: `http://${hub.host}` };
  const answer = await fetch(hub.url, { method: "POST", headers: { ...own, ...headers }, body });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: HEADERS.map((name) => answer.headers.get(name)),
    tellsWhatIsLeft: answer.headers.has("ratelimit"),
    // Each failure of ours has an id of its own, and each question leaves less to ask for.
    text: text.replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"…"').replaceAll(/"available":\d+/g, '"available":…'),
  };
}

test.each(["application/json", "application/graphql-response+json"])(
  "what is answered without Fetch is what yoga answers, in %s",
  async (type) => {
    const bodies = [...BODIES.map((body) => JSON.stringify(body)), "{", "", '{"query":"{ hello }"', '"{ hello }"'];
    for (const body of bodies) {
      for (const caller of CALLERS) {
        const plain = await ask(body, { ...caller, accept: type });
        // Any parameter of the type leaves the answer to yoga's own route.
        const byYoga = await ask(body, { ...caller, accept: `${type};q=1` });
        expect({ body, ...plain }).toEqual({ body, ...byYoga });
      }
    }
  },
);

test("who takes anything gets JSON, and a subscription asked for as one document is refused and lets go", async () => {
  const answer = await ask(JSON.stringify({ query: "{ hello }" }), { authorization: EXAMPLE_TOKEN, accept: "*/*" });
  expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('{"data":{"hello":"world"}') });
  const live = await ask(JSON.stringify({ query: "subscription { ticks }" }), {
    authorization: EXAMPLE_TOKEN,
    accept: "application/json",
  });
  expect(live.status).toBe(406);
  expect(hub.listening()).toBe(0);
});
