import { expect, test } from "vitest";
import { filterIn } from "./filter.ts";

test("what can't be filtered by is named, and narrows nothing", () => {
  const read = filterIn(new URLSearchParams("text= kaper &problem=BATTERY_LOW&freshness=silent"), true);
  expect(read).toEqual({
    filter: { text: "kaper", freshness: undefined, problem: undefined },
    unknown: ["silent", "BATTERY_LOW"],
    withheld: false,
  });
  expect(filterIn(new URLSearchParams("problem=&freshness=LATE"), true)).toMatchObject({
    ...{ filter: { freshness: "LATE", problem: undefined }, unknown: [] },
  });
});

test("a text that is longer than the hub takes is cut, and never through a character", () => {
  const textIn = (text: string): string => filterIn(new URLSearchParams({ text }), true).filter.text;
  expect(textIn("å".repeat(121))).toBe("å".repeat(120));
  expect(textIn(`${"å".repeat(119)}🔑`)).toBe("å".repeat(119));
});

test("whoever sees no batteries asks for no low ones, and is told so", () => {
  const low = new URLSearchParams("problem=LOW_BATTERY");
  expect(filterIn(low, true)).toMatchObject({ filter: { problem: "LOW_BATTERY" }, withheld: false });
  expect(filterIn(low, false)).toMatchObject({ filter: { problem: undefined }, unknown: [], withheld: true });
});
