import { expect, test } from "vitest";
import { derivedId, isUuid, newId } from "./ids.ts";
import { systemRandom } from "./random.ts";

test("what is made here has the form of an identity; what a lock or a caller may write instead has not", () => {
  for (const id of [newId(systemRandom), derivedId("a", 1)]) expect(isUuid(id)).toBe(true);
  const id = newId(systemRandom);
  for (const text of ["", "bundle-oest", id.toUpperCase(), `${id}0`, ` ${id}`, `${id}\n`, id.replaceAll("-", "")]) {
    expect(isUuid(text)).toBe(false);
  }
});

test("parts are framed: the same letters cut differently give another identity", () => {
  expect(derivedId("a", "bc")).not.toBe(derivedId("ab", "c"));
  expect(derivedId("a", "bc")).toBe(derivedId("a", "bc"));
});
