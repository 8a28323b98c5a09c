import { expect, test } from "vitest";
import { failureOf, type SubscriptionEvents } from "../graphql/index.ts";
import type { LastingStreamDeps } from "../live/lasting-stream.ts";
import type { LockRow } from "./list-documents.ts";
import { LiveRows, type LockChange } from "./live-rows.svelte.ts";

function row(id: string, state: LockRow["freshness"]["state"] = "LIVE"): LockRow {
  return {
    ...{ id, serial: `PM-${id}`, addressText: "Åbovej 12", inService: true, quarantined: false },
    place: { kind: "flat" },
    bolt: { value: "THROWN", at: null },
    door: { value: "CLOSED" },
    freshness: { state, heardAt: null, intervalMs: 60_000 },
    ...{ battery: null, problems: [] },
  };
}

const END: LockChange = { kind: "SNAPSHOT_END", lockId: null, lock: null };
const left = (lockId: string): LockChange => ({ kind: "LEFT", lockId, lock: null });
const shown = (kind: "SNAPSHOT" | "CHANGED", lock: LockRow): LockChange => ({ kind, lockId: lock.id, lock });

/** A line comes up and tells of these. */
function snapshot(list: LiveRows, ...ids: string[]): void {
  list.begin();
  for (const id of ids) list.take(shown("SNAPSHOT", row(id)));
  list.take(END);
}

test("a lock that a filter begins to match is counted, though no row shows it", () => {
  const list = new LiveRows();
  list.show([], "list");
  snapshot(list);
  expect([list.matchCount, list.newCount]).toEqual([0, 0]);
  list.take(shown("CHANGED", row("jammed")));
  list.take(shown("CHANGED", row("jammed")));
  expect([list.matchCount, list.newCount, list.rows]).toEqual([1, 1, []]);
  list.take(left("jammed"));
  expect([list.matchCount, list.newCount]).toEqual([0, 0]);
});

test("a lock that began to match before the line was up is counted as well", () => {
  const list = new LiveRows();
  list.show([row("a")], "list");
  snapshot(list, "a", "b");
  expect([list.matchCount, list.newCount]).toEqual([2, 1]);
});

test("a row that the next line tells nothing of has left, and is marked when everything was told", () => {
  const list = new LiveRows();
  list.show([row("a"), row("b")], "list");
  snapshot(list, "a", "b");
  expect([...list.left]).toEqual([]);
  list.begin();
  list.take(shown("SNAPSHOT", row("a")));
  expect([list.isCurrent, [...list.left]]).toEqual([false, []]);
  list.take(END);
  expect([list.isCurrent, [...list.left], list.matchCount]).toEqual([true, ["b"], 1]);
  snapshot(list, "a", "b");
  expect([...list.left]).toEqual([]);
});

test("a line that broke off in its beginning leaves nothing behind", () => {
  const list = new LiveRows();
  list.show([row("a"), row("b")], "list");
  list.begin();
  list.take(shown("SNAPSHOT", row("b")));
  list.take(shown("SNAPSHOT", row("c")));
  snapshot(list, "a");
  expect([[...list.left], list.matchCount, list.newCount]).toEqual([["b"], 1, 0]);
});

test("rows of other pages are not new, those that match later are", () => {
  const list = new LiveRows();
  list.show([row("a")], "pages");
  snapshot(list, "a", "b", "c");
  expect([list.matchCount, list.newCount]).toEqual([3, 0]);
  snapshot(list, "a", "b", "d");
  expect([list.matchCount, list.newCount]).toEqual([3, 1]);
});

test("a row shows its change in its place, is marked when it leaves, and isn't when it comes back", () => {
  const list = new LiveRows();
  list.show([row("a"), row("b")], "list");
  snapshot(list, "a", "b");
  list.take(shown("CHANGED", row("b", "LATE")));
  expect(list.rows.map(({ freshness }) => freshness.state)).toEqual(["LIVE", "LATE"]);
  list.take(left("b"));
  expect([[...list.left], list.rows.length]).toEqual([["b"], 2]);
  list.take(shown("CHANGED", row("b")));
  expect([[...list.left], list.newCount]).toEqual([[], 0]);
});

test("a page fetched anew begins anew", () => {
  const list = new LiveRows();
  list.show([row("a")], "list");
  snapshot(list, "b");
  list.show([row("b")], "list");
  expect([[...list.left], list.newCount, list.matchCount, list.isCurrent]).toEqual([[], 0, undefined, false]);
});

test("a stream of the page's rows alone says nothing of the list's number", () => {
  const list = new LiveRows();
  list.show([row("a"), row("b")], "rows");
  snapshot(list, "a", "b");
  expect([list.isCurrent, list.matchCount, list.newCount]).toEqual([true, undefined, 0]);
  list.take(left("a"));
  expect([[...list.left], list.matchCount]).toEqual([["a"], undefined]);
});

function isDeps(value: unknown): value is LastingStreamDeps {
  return typeof value === "object" && value !== null && "live" in value;
}

test("a list whose stream the hub ended asks for it again by itself, and is current once it was told of all of it", () => {
  const streams: SubscriptionEvents<unknown>[] = [];
  let again: (() => void) | undefined;
  const deps: unknown = {
    live: {
      subscribe: (_document: unknown, variables: () => unknown, events: SubscriptionEvents<unknown>) => {
        expect(variables()).toEqual({ filter: { text: "a" } });
        streams.push(events);
        return () => undefined;
      },
    },
    after: (_delayMs: number, run: () => void) => {
      again = run;
      return () => (again = undefined);
    },
  };
  if (!isDeps(deps)) return expect.unreachable("no session");
  const list = new LiveRows();
  list.show([row("a")], "list");
  const stop = list.follow(deps, { text: "a" });
  const tell = (...changes: LockChange[]): void => {
    for (const lockChanged of changes) streams.at(-1)?.next({ lockChanged });
  };
  tell(shown("SNAPSHOT", row("a")), END);
  streams[0]?.ended(failureOf("HUB_OUTDATED", ""));
  expect(list.failure).toMatchObject({ code: "HUB_OUTDATED" });
  again?.();
  expect([streams.length, list.isCurrent, list.failure?.code]).toEqual([2, false, "HUB_OUTDATED"]);
  tell(END);
  expect([list.isCurrent, list.failure, [...list.left]]).toEqual([true, undefined, ["a"]]);
  list.again();
  stop();
  list.again();
  expect([streams.length, again]).toEqual([3, undefined]);
});
