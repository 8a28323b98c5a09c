/**
 * The form in which texts are compared by a search: lower case, no accents, one space between words, and the Danish
 * letters however they are typed: `å`, `aa` and `a` meet, so do `ø`, `oe` and `o`, and `æ` and `ae`. Folding twice
 * changes nothing.
 */
export function foldText(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .replaceAll("æ", "ae")
    .replaceAll(/a+/g, "a")
    .replaceAll(/[oø]e*/g, "o")
    .trim();
}
