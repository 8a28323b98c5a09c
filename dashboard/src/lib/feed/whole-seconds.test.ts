import fc from "fast-check";
import { expect, test } from "vitest";
import { collapse } from "./collapse.ts";
import { edgeAt } from "./feed-examples.ts";
import { rowOf, type FeedRow } from "./feed-row.ts";
import { wholeSeconds } from "./whole-seconds.ts";

/** Rows of a journal, newest first; up to eighty fall into one second. */
const journal = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 8 }).map((counts) =>
  counts
    .flatMap((count, second) => Array.from({ length: count }, (_, n) => ({ second, n })))
    .flatMap(({ second, n }, at) => {
      const edge = edgeAt(at, { receivedMs: second * 1_000, address: `Åbovej ${n % 5}` });
      return rowOf(edge, false) ?? [];
    })
    .toReversed(),
);

test("wherever a page is cut, the lines it shows are those of the whole journal", () => {
  fc.assert(
    fc.property(journal, fc.nat(300), (rows: readonly FeedRow[], cut) => {
      const lines = collapse(wholeSeconds(rows.slice(0, cut)));
      expect(lines).toEqual(collapse(rows).slice(0, lines.length));
    }),
  );
});
