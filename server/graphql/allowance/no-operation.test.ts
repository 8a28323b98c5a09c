import { afterEach, expect, test } from "vitest";
import { EXAMPLE_TOKEN, startExampleEndpoint, type ExampleEndpoint } from "../../simulation/example-endpoint.ts";
import { BODY_BYTES_MAX } from "../limits.ts";
import { READ_COST_MIN } from "./allowance.ts";

/** Four of the cheapest, and next to nothing comes back while a test runs. */
const FOUR = { capacity: 4 * READ_COST_MIN, restorePerSecond: 0.5, underWay: 4 };
const JSON_TYPE = { "content-type": "application/json" };

let hub: ExampleEndpoint;
afterEach(() => hub.stop());

const REFUSED = [
  ["a method that is not answered", 405, { method: "PUT" }],
  ["a body that is too large", 413, { method: "POST", headers: JSON_TYPE, body: " ".repeat(BODY_BYTES_MAX + 1) }],
  ["a body of another type", 415, { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" }],
  ["a page of somebody else's", 403, { method: "POST", headers: { ...JSON_TYPE, origin: "https://evil.example" } }],
] as const;

test.each(REFUSED)(
  "%s is charged to its address, which in the end is told when to come again",
  async (_, status, init) => {
    hub = await startExampleEndpoint({ allowance: FOUR });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at += 1) statuses.push((await fetch(hub.url, init)).status);
    expect(statuses).toEqual([status, status, status, status, 429]);
    const refused = await fetch(hub.url, init);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(45);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED", limit: "cost" } }] });
    const known = {
      method: "POST",
      headers: { ...JSON_TYPE, authorization: EXAMPLE_TOKEN },
      body: '{"query":"{ me }"}',
    };
    expect((await fetch(hub.url, known)).status).toBe(200);
    // Whoever signs in is nobody yet, perhaps beside somebody whose browser asks all this.
    const nobody = { method: "POST", headers: JSON_TYPE, body: '{"query":"{ __typename }"}' };
    expect((await fetch(hub.url, nobody)).status).toBe(200);
  },
);

const NO_OPERATIONS = [
  "{",
  "[]",
  "{}",
  '{"query":5}',
  '{"query":"{ me }","variables":[]}',
  '{"query":"{ me }","more":1}',
];

test.each(NO_OPERATIONS)("a body without an operation is charged to its caller: %s", async (body) => {
  hub = await startExampleEndpoint({ allowance: FOUR });
  const headers = { ...JSON_TYPE, authorization: EXAMPLE_TOKEN };
  const ask = async (sent: string) => (await fetch(hub.url, { method: "POST", headers, body: sent })).status;
  for (let at = 0; at < 4; at += 1) expect(await ask(body)).toBeLessThan(429);
  expect([await ask(body), await ask('{"query":"{ me }"}')]).toEqual([429, 429]);
});

test("a question without a query, and a change by GET, are charged to their caller", async () => {
  hub = await startExampleEndpoint({ allowance: FOUR });
  const headers = { authorization: EXAMPLE_TOKEN, accept: "application/json" };
  const get = async (search: string) => (await fetch(`${hub.url}${search}`, { headers })).status;
  const change = `?query=${encodeURIComponent("mutation { leave }")}`;
  for (const search of ["", "?query=", change, change]) expect(await get(search)).toBeLessThan(429);
  expect([await get(""), await get(change)]).toEqual([429, 429]);
});
