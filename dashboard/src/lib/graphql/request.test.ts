import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { isOutcomeUnknown } from "./failure.ts";
import { request, REQUEST_MS_MAX, type Fetch } from "./request.ts";
import { graphql } from "./tada.ts";

const VIEWER = graphql(`
  query Viewer {
    viewer {
      __typename
    }
  }
`);

/** A hub that gives this answer. */
async function hubAnswering(status: number, body: string): Promise<{ fetch: Fetch; close: () => void }> {
  const server = createServer((_, response) => response.writeHead(status).end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = z.object({ port: z.int() }).parse(server.address());
  const fetchThere: Fetch = (path, init) => fetch(new URL(String(path), `http://127.0.0.1:${port}`), init);
  return { fetch: fetchThere, close: () => server.close() };
}

test.each([
  [200, '{"data":{"viewer":null}}', { ok: true, value: { viewer: null } }],
  [401, '{"errors":[{"message":"x","extensions":{"code":"SESSION_EXPIRED"}}]}', { failure: { kind: "signed-out" } }],
  [
    200,
    '{"data":null,"errors":[{"message":"x","extensions":{"code":"FORBIDDEN"}}]}',
    { failure: { kind: "forbidden" } },
  ],
  [
    503,
    '{"errors":[{"message":"x","extensions":{"code":"JOURNAL_UNAVAILABLE"}}]}',
    { failure: { kind: "unavailable" } },
  ],
  [400, '{"errors":[{"message":"x","extensions":{"code":"TEXT_UNFIT"}}]}', { failure: { kind: "invalid" } }],
  [200, '{"errors":[{"message":"x","extensions":{"code":"TOO_COSTLY"}}]}', { failure: { kind: "invalid" } }],
  [200, '{"errors":[{"message":"x"}]}', { failure: { kind: "broken", code: "INTERNAL" } }],
  [200, '{"data":null}', { failure: { kind: "broken", code: "BROKEN_ANSWER" } }],
  [200, "[]", { failure: { kind: "broken", code: "BROKEN_ANSWER" } }],
  [502, "<html>no JSON</html>", { failure: { kind: "unreachable" } }],
])("an answer of status %i with %s is a failure of a known kind, or data", async (status, body, expected) => {
  const hub = await hubAnswering(status, body);
  expect(await request(hub.fetch, VIEWER, {})).toMatchObject(expected);
  hub.close();
});

test("a hub that is away is unreachable; a caller that gave up itself is told nothing", async () => {
  const hub = await hubAnswering(200, "{}");
  hub.close();
  expect(await request(hub.fetch, VIEWER, {})).toMatchObject({ ok: false, failure: { kind: "unreachable" } });
  const aborted = request(hub.fetch, VIEWER, {}, { signal: AbortSignal.abort() });
  await expect(aborted).rejects.toThrow(/abort/i);
});

/** A line that swallows everything: nothing comes, and nothing fails. */
const swallowed: Fetch = (_, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
  });

test("a line that swallows the question is unreachable after a while, sooner where the caller has less patience", async () => {
  vi.useFakeTimers();
  const told: string[] = [];
  const asked = [{}, { limitMs: 5_000 }, { signal: new AbortController().signal, limitMs: 5_000 }].map((options) =>
    request(swallowed, VIEWER, {}, options).then((answer) => told.push(answer.ok ? "" : answer.failure.code)),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toEqual(["UNREACHABLE", "UNREACHABLE"]);
  await vi.advanceTimersByTimeAsync(REQUEST_MS_MAX - 5_000);
  expect(told).toHaveLength(3);
  await Promise.all(asked);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test("whoever brings a signal has a limit of their own", async () => {
  vi.useFakeTimers();
  const patience = new AbortController();
  const asked = request(swallowed, VIEWER, {}, { signal: patience.signal });
  await vi.advanceTimersByTimeAsync(2 * REQUEST_MS_MAX);
  patience.abort();
  vi.useRealTimers();
  await expect(asked).rejects.toThrow("given up");
});

test("whoever has asked for too much is told that, and not that the hub is away", async () => {
  const hub = await hubAnswering(429, '{"errors":[{"message":"x","extensions":{"code":"RATE_LIMITED"}}]}');
  const answer = await request(hub.fetch, VIEWER, {});
  hub.close();
  expect(answer).toMatchObject({ ok: false, failure: { kind: "limited", code: "RATE_LIMITED" } });
});

test("only an answer of the hub says that nothing was done", () => {
  for (const code of ["UNREACHABLE", "BROKEN_ANSWER", "TIMEOUT", "INTERNAL"]) expect(isOutcomeUnknown(code)).toBe(true);
  for (const code of ["FORBIDDEN", "JOURNAL_UNAVAILABLE", "NOT_QUARANTINED", "RATE_LIMITED"])
    expect(isOutcomeUnknown(code)).toBe(false);
});
