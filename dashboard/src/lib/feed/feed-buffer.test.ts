import fc from "fast-check";
import { expect, test } from "vitest";
import { FeedBuffer } from "./feed-buffer.ts";
import type { FeedRow } from "./feed-row.ts";

const row = (key: number): FeedRow => ({ kind: "gap", key: String(key) });
const keysOf = (buffer: FeedBuffer): number[] => buffer.newestFirst().map(({ key }) => Number(key));

test("whatever comes, once or twice, a buffer holds the newest rows, each once, newest first", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40)), fc.integer({ min: 1, max: 30 }), (gaps, max) => {
      const buffer = new FeedBuffer(max);
      let last = 0;
      const said: number[] = [];
      for (const gap of gaps) {
        // A repeated cursor is what a line that was cut at the wrong moment brings.
        const isNew = gap > 3 || said.length === 0;
        if (isNew) said.push((last += 1));
        expect(buffer.add(row(said.at(-1) ?? 0))).toBe(isNew);
      }
      expect(keysOf(buffer)).toEqual(said.slice(-max).toReversed());
      expect(buffer.size).toBe(Math.min(said.length, max));
      expect(buffer.hasDropped).toBe(said.length > max);
    }),
  );
});

test("older rows go behind the oldest as far as there is room, and none is doubled", () => {
  fc.assert(
    fc.property(fc.nat(20), fc.array(fc.nat(12), { maxLength: 6 }), (live, pages) => {
      const buffer = new FeedBuffer(30);
      for (let n = 0; n < live; n += 1) buffer.add(row(1_000 + n));
      let oldest = 1_000;
      for (const size of pages) {
        // One row of the page is there already.
        const page = Array.from({ length: size }, (_, n) => row(oldest - size + n + 1));
        buffer.addOlder(page);
        oldest = oldest - size + (size > 0 ? 1 : 0);
      }
      const keys = keysOf(buffer);
      expect(keys.length).toBeLessThanOrEqual(30);
      expect(keys).toEqual([...new Set(keys)].toSorted((a, b) => b - a));
      const newest = keys[0] ?? 0;
      expect(keys.every((key, n) => key === newest - n)).toBe(true);
    }),
  );
});

test("far more rows than it holds leave two thousand", () => {
  const buffer = new FeedBuffer();
  for (let n = 1; n <= 5_000; n += 1) buffer.add(row(n));
  expect(keysOf(buffer)).toEqual(Array.from({ length: 2_000 }, (_, n) => 5_000 - n));
});
