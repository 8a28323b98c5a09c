import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { EXAMPLE_TOKEN, startExampleEndpoint, type ExampleEndpoint } from "../../simulation/example-endpoint.ts";
import { ManualClock } from "../../simulation/manual-clock.ts";
import { Strangers, STRANGERS, STRANGERS_LIMIT } from "./strangers.ts";

let hub: ExampleEndpoint;
beforeEach(async () => {
  hub = await startExampleEndpoint();
});
afterEach(() => hub.stop());

function ask(authorization: string): Promise<Response> {
  const headers = { "content-type": "application/json", authorization };
  return fetch(hub.url, { method: "POST", headers, body: JSON.stringify({ query: "{ me }" }) });
}

/** Tries wrong credentials until one is refused; some come back while it tries. */
async function exhaust(): Promise<Response | undefined> {
  for (let at = 0; at < STRANGERS.capacity * 10; at += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask("Bearer nobody's")));
    const refused = answers.find(({ status }) => status === 429);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

test("a network that tries many wrong credentials is told when to come again, and whoever is known gets in", async () => {
  expect((await ask("Bearer nobody's")).status).toBe(401);
  const refused = await exhaust();
  expect([refused?.status, refused?.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await refused?.json()).toMatchObject({
    errors: [{ extensions: { code: "RATE_LIMITED", limit: STRANGERS_LIMIT, retryAfterMs: expect.any(Number) } }],
  });
  expect(hub.turnedAway.get(STRANGERS_LIMIT)).toBeGreaterThan(0);
  expect((await ask(EXAMPLE_TOKEN)).status).toBe(200);
});

test("a socket with a wrong credential counts, and is told to come later once there were too many", async () => {
  const closed = (): Promise<number> => {
    const socket = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
    socket.once("open", () =>
      socket.send(JSON.stringify({ type: "connection_init", payload: { authorization: "Bearer nobody's" } })),
    );
    return new Promise((resolve) => socket.once("close", resolve));
  };
  expect(await closed()).toBe(4401);
  await exhaust();
  const codes = new Set<number>();
  for (let at = 0; at < STRANGERS.capacity && !codes.has(1013); at += 1) codes.add(await closed());
  expect(codes).toContain(1013);
});

test("networks are counted apart, wrong credentials more than old cookies, and what was tried is forgotten", () => {
  const clock = new ManualClock();
  const strangers = new Strangers({ clock, count: () => undefined });
  for (let at = 0; at < STRANGERS.capacity; at += 1) strangers.failed("2001:db8:0:7::1");
  expect(strangers.waitMs("2001:db8:0:7:ffff::")).toBe(1_000 / STRANGERS.restorePerSecond);
  expect(strangers.waitMs("2001:db8:0:8::1")).toBe(0);
  for (let at = 0; at < STRANGERS.capacity; at += 1) strangers.stale("192.0.2.1");
  expect(strangers.waitMs("192.0.2.1")).toBe(0);
  clock.advance(1_000);
  expect(strangers.waitMs("2001:db8:0:7::1")).toBe(0);
});
