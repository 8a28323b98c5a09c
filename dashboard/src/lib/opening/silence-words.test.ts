import { expect, test } from "vitest";
import { isUnheard, silenceText } from "./silence-words.ts";

const NOW = { nowMs: Date.parse("2026-11-22T09:42:00Z"), language: "da" as const };
const FLAT = { kind: "flat" };

test("a door whose lock is silent is warned of before it is opened, with when it was last heard", () => {
  const freshness = { state: "SILENT" as const, heardAt: "2026-11-22T09:30:00Z", intervalMs: 60_000 };
  expect(silenceText(FLAT, { freshness }, NOW)).toBe(
    "Bolig: låsen er tavs, sidst hørt for 12 min siden; den kan ikke åbnes herfra.",
  );
  const never = { ...freshness, state: "NEVER" as const, heardAt: null };
  expect(silenceText(FLAT, { freshness: never }, NOW)).toContain("aldrig hørt");
});

test.each(["LIVE", "LATE"] as const)("a lock that is %s is not warned of", (state) => {
  const freshness = { state, heardAt: "2026-11-22T09:41:00Z", intervalMs: 60_000 };
  expect(silenceText(FLAT, { freshness }, NOW)).toBeUndefined();
});

test("a lock that nobody hears is sent nothing; of one that the viewer isn't shown nothing is known", () => {
  const at = { heardAt: null, intervalMs: 60_000 };
  const states = ["LIVE", "LATE", "SILENT", "NEVER"] as const;
  expect(states.map((state) => isUnheard({ freshness: { state, ...at } }))).toEqual([false, false, true, true]);
  expect(isUnheard(undefined)).toBe(false);
});
