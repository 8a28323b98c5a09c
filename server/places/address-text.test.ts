import fc from "fast-check";
import { expect, test } from "vitest";
import { foldAddress, foldedAddress } from "./address-text.ts";

test.each([
  ["Åbovej 12", "aabovej 12", "abovej 12", "ÅBOVEJ  12,", "Aabovej12"],
  [
    "Møllegade 7B, 2. th",
    "moellegade 7 b 2 th",
    "mollegade 7b, 2.th.",
    "Møllegade 7B, 2. sal til højre",
    "møllegade 7b 2. t.h.",
  ],
  ["Nygade 3, st. tv", "nygade 3 stuen t.v.", "Nygade 3 st til venstre"],
  ["Nygade 3, kl. mf", "nygade 3 kælderen m.f.", "Nygade 3 kælder midt for"],
])("%s is one address, however it is typed", (text, ...typed) => {
  for (const other of typed) expect(foldAddress(other)).toBe(foldAddress(text));
});

test("a stored address is found by its start", () => {
  const stored = foldedAddress({
    street: "Åbovej",
    number: "12",
    floor: "2",
    side: "th",
    postalCode: "4999",
    city: "Fjordby",
  });
  expect(stored).toBe("abovej 12 2 th 4999 fjordby");
  expect(stored.startsWith(foldAddress("Aabovej 12, 2.th"))).toBe(true);
});

test("folding an address twice is folding it once", () => {
  const words = fc.constantFrom(
    "åbovej",
    "t",
    "h",
    "v",
    ".",
    " ",
    "sal",
    "til",
    "højre",
    "2",
    "12B",
    "m.f",
    "stuen",
    "st",
    "oe",
    "ae",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 10 }), fc.constantFrom("", " "), (parts, gap) => {
      const once = foldAddress(parts.join(gap));
      expect(foldAddress(once)).toBe(once);
    }),
    { numRuns: 5_000 },
  );
});
