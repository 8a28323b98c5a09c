import { expect, test } from "vitest";
import { UNREACHABLE, type Document, type GraphqlFailure, type Result } from "../graphql/index.ts";
import { MY_DOORS_VERSION } from "./documents.ts";
import { PhoneDoors } from "./phone-doors.svelte.ts";

const MINUTE_MS = 60_000;

/** A hub with these doors, two a page; `isCut` cuts the line after the first page. */
function hubWith(ids: readonly string[]) {
  const hub = { ids, isCut: false, nowMs: 0, asked: 0 };
  const doors = new PhoneDoors({
    monotonicMs: () => hub.nowMs,
    hotline: () => Promise.resolve(),
    ask: <Data, Variables>(document: Document<Data, Variables>, variables: Variables) => {
      hub.asked += 1;
      const myPathsVersion = hub.ids.join(" ");
      const after: unknown = Object(variables).after;
      if (hub.isCut && after !== null)
        return Promise.resolve<Result<Data, GraphqlFailure>>({ ok: false, failure: UNREACHABLE });
      const from = typeof after === "string" ? hub.ids.indexOf(after) + 1 : 0;
      const page = hub.ids.slice(from, from + 2);
      const edges = page.map((id) => ({ node: { id } }));
      const pageInfo = { hasNextPage: from + 2 < hub.ids.length, endCursor: page.at(-1) ?? null };
      const whole = { viewer: null, myPathsVersion, myPaths: { edges, pageInfo } };
      const value: Data = Object(Object.is(document, MY_DOORS_VERSION) ? { myPathsVersion } : whole);
      return Promise.resolve<Result<Data, GraphqlFailure>>({ ok: true, value });
    },
  });
  return { hub, doors, shown: () => doors.paths?.map(({ id }) => id) };
}

test("doors that were taken away, or came, are seen within a minute, and unchanged ones are not fetched again", async () => {
  const { hub, doors, shown } = hubWith(["a", "b", "c"]);
  await doors.fetch();
  expect([shown(), doors.isWhole]).toEqual([["a", "b", "c"], true]);
  hub.ids = ["a", "d"];
  await doors.look();
  expect(shown()).toEqual(["a", "b", "c"]);
  hub.nowMs += MINUTE_MS;
  await doors.look();
  expect(shown()).toEqual(["a", "d"]);
  hub.asked = 0;
  hub.nowMs += MINUTE_MS;
  await doors.look();
  expect([shown(), hub.asked]).toEqual([["a", "d"], 1]);
});

test("the first doors are there before the rest, and not taken for all of them", async () => {
  const { hub, doors, shown } = hubWith(["a", "b", "c"]);
  hub.isCut = true;
  expect(await doors.fetch()).toEqual(UNREACHABLE);
  expect([shown(), doors.isWhole]).toEqual([["a", "b"], false]);
  hub.isCut = false;
  await doors.fetch();
  expect([shown(), doors.isWhole]).toEqual([["a", "b", "c"], true]);
});

test("a second try that comes less far takes nothing away, and a fetch that was overtaken says nothing", async () => {
  const { hub, doors, shown } = hubWith(["a", "b", "c", "d", "e"]);
  hub.isCut = true;
  await doors.fetch();
  expect(shown()).toEqual(["a", "b"]);
  hub.ids = ["x", "b", "c"];
  await doors.fetch();
  expect([shown(), doors.isWhole]).toEqual([["a", "b"], false]);
  hub.isCut = false;
  const overtaken = doors.fetch();
  hub.ids = ["z"];
  const last = doors.fetch();
  await Promise.all([overtaken, last]);
  expect([shown(), doors.isWhole]).toEqual([["z"], true]);
  const late = doors.fetch();
  doors.forget();
  await late;
  expect(shown()).toBeUndefined();
});

test("doors that could not be fetched anew stay as they were, and are asked for again", async () => {
  const { hub, doors, shown } = hubWith(["a", "b", "c"]);
  await doors.fetch();
  hub.ids = ["a", "b", "d"];
  hub.isCut = true;
  hub.nowMs += MINUTE_MS;
  await doors.look();
  expect([shown(), doors.isWhole]).toEqual([["a", "b", "c"], true]);
  hub.isCut = false;
  hub.nowMs += MINUTE_MS;
  await doors.look();
  expect(shown()).toEqual(["a", "b", "d"]);
});
