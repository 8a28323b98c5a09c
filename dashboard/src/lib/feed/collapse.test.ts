import fc from "fast-check";
import { expect, test } from "vitest";
import { collapse, eventsIn, EVENTS_PER_SECOND_MAX } from "./collapse.ts";
import type { EventRow, FeedRow } from "./feed-row.ts";
import { edgeAt } from "./feed-examples.ts";
import { rowOf } from "./feed-row.ts";

function eventRow(n: number, second: number, address: string): EventRow {
  const row = rowOf(edgeAt(n, { receivedMs: second * 1_000, address }), false);
  if (row?.kind !== "event") return expect.unreachable("an example is no event");
  return row;
}

/** Newest first, with seconds that never rise. */
const rowsArbitrary = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1), fc.nat(3)), { maxLength: 300 })
  .map((steps) => {
    let second = 1_000;
    return steps.map(([step, address], n): FeedRow => {
      second -= step;
      return eventRow(10_000 - n, second, `Åbovej ${address}`);
    });
  });

test("collapsing loses no event, doubles none, and keeps the order of the newest", () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const items = collapse(rows);
      const inside = items
        .flatMap((item): readonly FeedRow[] => (item.kind === "group" ? item.rows : [item]))
        .map(({ key }) => key);
      expect(inside.toSorted()).toEqual(rows.map(({ key }) => key).toSorted());
      expect(items.reduce((sum, item) => sum + eventsIn(item), 0)).toBe(rows.length);
      expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
      const places = items.map((item) =>
        rows.findIndex(({ key }) => key === (item.kind === "group" ? item.rows[0]?.key : item.key)),
      );
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    }),
  );
});

test("a second that people can read stays as it is; one event more, and it is told by address", () => {
  const second = (count: number) => Array.from({ length: count }, (_, n) => eventRow(n, 7, `Åbovej ${n % 3}`));
  expect(collapse(second(EVENTS_PER_SECOND_MAX))).toHaveLength(EVENTS_PER_SECOND_MAX);
  const items = collapse(second(EVENTS_PER_SECOND_MAX + 1));
  expect(items.map((item) => (item.kind === "group" ? [item.addressText, item.rows.length] : item.kind))).toEqual([
    ["Åbovej 0", 11],
    ["Åbovej 1", 10],
    ["Åbovej 2", 10],
  ]);
});

test("what is collapsed does not depend on how the events came in", () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.nat(300), (rows, cut) => {
      // Older rows that a reload brings with the page, and those that came live: the same lines.
      const whole = collapse(rows);
      const again = collapse([...rows.slice(0, cut), ...rows.slice(cut)]);
      expect(again).toEqual(whole);
    }),
  );
});
