import fc from "fast-check";
import { expect, test } from "vitest";
import { foldText } from "./fold.ts";

test.each([
  ["Åbovej", "aabovej", "abovej", "ABOVEJ", "A\u030Abovej"],
  ["Østergade", "oestergade", "ostergade", "ÖSTERGADE"],
  ["Ærøgade", "aeroegade", "AERØGADE"],
  ["Hans-Åge  Nørgård", "hans aage noergaard", " Hans Age NORGARD "],
])("%s is found however it is typed", (text, ...typed) => {
  for (const other of typed) expect(foldText(other)).toBe(foldText(text));
});

test("folding twice is folding once, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."aåeæoøöÅ .-AEO12éx") }), (text) => {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(foldText(foldText(text))).toBe(foldText(text));
    }),
    { numRuns: 2_000 },
  );
});

test("a Danish letter and its spelling with two letters always meet", () => {
  const letters = fc.array(fc.constantFrom("å", "ø", "æ", "k", "r", "l", " "), { maxLength: 12 });
  fc.assert(
    fc.property(letters, (word) => {
      const spelled: Readonly<Record<string, string>> = { å: "aa", ø: "oe", æ: "ae" };
      expect(foldText(word.map((letter) => spelled[letter] ?? letter).join(""))).toBe(foldText(word.join("")));
    }),
  );
});
