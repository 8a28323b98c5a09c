import { expect, test } from "vitest";
import type { PhonePath } from "./documents.ts";
import { matching } from "./matching.ts";

function path(line: string): PhonePath {
  return { id: line, home: { line, postalCode: "4999", city: "Fjordby" }, doors: [] };
}
const PATHS = [path("Åbovej 12, 2. th"), path("Søjomshaven 1"), path("Ærtebjergvej 3B")];
const found = (text: string): readonly string[] => matching(PATHS, text).shown.map(({ id }) => id);

test("nothing typed shows all", () => {
  expect(found("  ")).toHaveLength(3);
});

test.each([
  ["åbovej 12 2 th", "Åbovej 12, 2. th"],
  ["aabo", "Åbovej 12, 2. th"],
  ["SOEJOMS", "Søjomshaven 1"],
  ["sojoms", "Søjomshaven 1"],
  ["abovej", "Åbovej 12, 2. th"],
  ["A\u030Abovej", "Åbovej 12, 2. th"],
  ["aerte 3b", "Ærtebjergvej 3B"],
  ["fjordby sø", "Søjomshaven 1"],
])("%j finds %s", (text, line) => {
  expect(found(text)).toEqual([line]);
});

test("words that fit nothing find nothing", () => {
  expect(found("åbovej 13")).toEqual([]);
});

test("what is too many to look through is counted", () => {
  const many = Array.from({ length: 55 }, (_, index) => path(`Lang Gade ${index}`));
  const { shown, more } = matching(many, "lang");
  expect([shown.length, more]).toEqual([40, 15]);
});
