import { expect, test } from "vitest";
import { timesOf } from "./times.ts";

const receivedAt = "2026-11-22T10:42:07Z";
const at = Date.parse(receivedAt);

test.each([
  [-60_000, at - 60_000, undefined],
  [-61_000, at, at - 61_000],
  [61_000, at, at + 61_000],
  [0, at, undefined],
])("an event of %i ms stands under the time that can be believed", (off, shownMs, lockSaysMs) => {
  const occurredAt = new Date(at + off).toISOString();
  expect(timesOf({ occurredAt, receivedAt })).toEqual({ shownMs, lockSaysMs });
});
