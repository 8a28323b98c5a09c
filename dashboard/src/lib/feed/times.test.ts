import { expect, test } from "vitest";
import { timesOf, timesOfAll } from "./times.ts";

const receivedAt = "2026-11-22T03:10:02Z";
const at = Date.parse(receivedAt);
const event = (off: number) => ({ occurredAt: new Date(at + off).toISOString(), receivedAt });

test.each([
  [0, undefined],
  [-5_000, undefined],
  [-5_001, at],
  [-7_200_000, at],
  [6_000, at],
])("an event of %i ms beside its reception stands under the time when it happened", (off, receivedMs) => {
  expect(timesOf(event(off))).toEqual({ shownMs: at + off, receivedMs });
});

test("a line of many events says when they happened, and that they came late, if one of them did", () => {
  expect(timesOfAll([event(0), event(-900)])).toEqual({ shownMs: at, receivedMs: undefined, oldestMs: undefined });
  expect(timesOfAll([event(-7_200_000), event(-60_000)])).toEqual({
    ...{ shownMs: at - 60_000, receivedMs: at, oldestMs: at - 7_200_000 },
  });
});
