import { expect, test, vi } from "vitest";
import { failureOf, UNREACHABLE, type GraphqlFailure, type SubscriptionEvents } from "../graphql/index.ts";
import { DOOR_EVENTS } from "../feed/documents.ts";
import { FACTS_CHANGED } from "./documents.ts";
import { Passport, type PassportDeps, type PassportLock } from "./passport.svelte.ts";

const OUTDATED = failureOf("HUB_OUTDATED", "");
const BEAT = { doorEvents: { cursor: "c", gap: null, node: null, replayed: false } };
const SNAPSHOT_END = { lockChanged: { kind: "SNAPSHOT_END", lock: null } };

function isDeps(value: unknown): value is PassportDeps {
  return typeof value === "object" && value !== null && "live" in value;
}

function lock(id: string): PassportLock {
  return {
    ...{ id, inService: true, quarantined: false, serial: id, model: "", addressText: "", problems: [] },
    ...{ bolt: { value: "THROWN", at: null }, latch: { value: "UNKNOWN", at: null } },
    ...{ door: { value: "UNKNOWN", at: null }, battery: null, signalDbm: null, firmware: null, clock: null },
    ...{ freshness: { state: "LIVE", heardAt: null, intervalMs: 60_000 }, remoteOpening: null, lastEvents: [] },
    verdict: { code: "ANSWERS", tone: "OK", at: "2026-11-22T09:42:00Z", da: "", en: "", parts: [], advice: null },
  };
}

interface Opened {
  readonly document: unknown;
  readonly variables: unknown;
  readonly events: SubscriptionEvents<unknown>;
}

/** A page that follows two locks of a hub that tells of those in `seen`, and fails looks while `down` is set. */
function passport(seen: readonly string[] = ["a", "b"]) {
  const opened: Opened[] = [];
  const asked: unknown[] = [];
  let waiting: (() => void)[] = [];
  const hub: { seen: readonly string[]; down?: GraphqlFailure } = { seen };
  const deps: unknown = {
    live: {
      subscribe: (document: unknown, variables: () => unknown, events: SubscriptionEvents<unknown>) => {
        opened.push({ document, variables: variables(), events });
        return () => undefined;
      },
      request: (_document: unknown, variables: unknown) => {
        asked.push(variables);
        if (hub.down !== undefined) return Promise.resolve({ ok: false, failure: hub.down });
        return Promise.resolve({ ok: true, value: { locks: { edges: hub.seen.map((id) => ({ node: lock(id) })) } } });
      },
      clock: { exactMs: () => 1 },
    },
    after: (_delayMs: number, run: () => void) => {
      waiting.push(run);
      return () => (waiting = waiting.filter((other) => other !== run));
    },
  };
  if (!isDeps(deps)) return expect.unreachable("no session");
  const held = new Passport(deps);
  held.show({ wanted: ["a", "b"], locks: hub.seen.map(lock) }, 0);
  const later = (): void => {
    const due = waiting;
    waiting = [];
    for (const run of due) run();
  };
  const newest = (document: unknown): Opened => {
    return opened.findLast((one) => one.document === document) ?? expect.unreachable("nobody asked for it");
  };
  return { held, stop: held.follow(), hub, opened, asked, later, newest };
}

test.each([
  { name: "facts", document: FACTS_CHANGED, edge: SNAPSHOT_END },
  { name: "events", document: DOOR_EVENTS, edge: BEAT },
])("an ended stream of $name is not live again by a look, but by what comes on it", async ({ document, edge }) => {
  const { held, opened, later, newest } = passport();
  newest(document).events.ended(OUTDATED);
  expect(held.failure).toEqual(OUTDATED);
  await held.look();
  for (const other of opened)
    if (other.document !== document) other.events.next(other.document === DOOR_EVENTS ? BEAT : SNAPSHOT_END);
  expect(held.failure).toEqual(OUTDATED);
  later();
  expect(opened).toHaveLength(3);
  newest(document).events.next(edge);
  expect(held.failure).toBeUndefined();
});

test("a stream that came to its end without a failure is told of too, and what was missed is looked for", async () => {
  const { held, asked, later, newest } = passport();
  newest(DOOR_EVENTS).events.ended();
  expect(held.failure).toMatchObject({ code: "ENDED" });
  later();
  newest(DOOR_EVENTS).events.next(BEAT);
  expect(asked).toHaveLength(0);
  later();
  await vi.waitFor(() => expect(asked).toHaveLength(1));
});

test("a look that failed is made good by a look, whatever the streams bring", async () => {
  const { held, hub, newest } = passport();
  hub.down = UNREACHABLE;
  await held.look();
  newest(DOOR_EVENTS).events.next(BEAT);
  expect(held.failure).toEqual(UNREACHABLE);
  delete hub.down;
  await held.look();
  expect(held.failure).toBeUndefined();
});

test("a lock that is out of the viewer's reach for a while, or was when the page came, is asked for all the same", async () => {
  const { held, hub, opened, asked } = passport(["a"]);
  await held.look();
  hub.seen = ["a", "b"];
  await held.look();
  expect([...held.locks.keys()]).toEqual(["a", "b"]);
  expect(asked).toEqual([
    { ids: ["a", "b"], first: 2 },
    { ids: ["a", "b"], first: 2 },
  ]);
  expect(opened.map(({ variables }) => variables)).toEqual([{ ids: ["a", "b"] }, { filter: { locks: ["a", "b"] } }]);
});

test("trying again asks for both streams and for the verdicts at once; whoever left asks for nothing", () => {
  const { held, stop, opened, asked, later, newest } = passport();
  newest(FACTS_CHANGED).events.ended(failureOf("RATE_LIMITED", ""));
  held.again();
  expect([opened.length, asked.length]).toEqual([4, 1]);
  newest(DOOR_EVENTS).events.ended(OUTDATED);
  stop();
  later();
  expect(opened).toHaveLength(4);
});
