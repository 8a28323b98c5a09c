import { expect, test } from "vitest";
import { m } from "#messages";
import { perMinuteText } from "./minute-words.ts";

test("what was fetched of a minute is never told as all of it", () => {
  expect(perMinuteText({ count: 12, isWhole: true }, "da")).toBe(m.live_per_minute({ count: "12" }));
  expect(perMinuteText({ count: 12, isWhole: false }, "da")).toBe(m.live_per_minute_least({ count: "12" }));
  expect(m.live_per_minute_least({ count: "12" })).not.toBe(m.live_per_minute({ count: "12" }));
});
