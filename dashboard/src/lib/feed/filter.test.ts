import { expect, test } from "vitest";
import { EVENT_TYPES, feedApiFilter, feedFilterIn, isNarrowFeed, livePath } from "./filter.ts";

test("a filter goes into an address and comes out the same", () => {
  const filter = { text: "Åbovej 12", district: "RGlzdHJpY3Q6MQ", types: ["denied", "jammed"] } as const;
  expect(feedFilterIn(new URL(livePath(filter), "http://portner.test").searchParams)).toEqual(filter);
  expect(feedApiFilter(filter)).toEqual({
    text: "Åbovej 12",
    districts: ["RGlzdHJpY3Q6MQ"],
    types: ["DOOR_DENIED", "DOOR_JAMMED"],
  });
});

test("an address that makes no sense narrows nothing", () => {
  const filter = feedFilterIn(new URLSearchParams("type=dreamt&type=__proto__&district=&text=%20"));
  expect(isNarrowFeed(filter)).toBe(false);
  expect(feedApiFilter(filter)).toEqual({});
  expect(livePath(filter)).toBe("/live");
});

test("a text that is longer than the hub takes is cut, and never through a character", () => {
  const textIn = (text: string): string => feedFilterIn(new URLSearchParams({ text })).text;
  expect(textIn("å".repeat(121))).toBe("å".repeat(120));
  expect(textIn(`${"å".repeat(118)}🔑`)).toHaveLength(120);
  expect(textIn(`${"å".repeat(119)}🔑`)).toBe("å".repeat(119));
});

test("every type has a name of its own", () => {
  const names = Object.values(EVENT_TYPES).map(([api]) => api);
  expect(new Set(names).size).toBe(names.length);
});
