import type { PhonePath } from "./documents.ts";

/** More than this at once nobody looks through; typing an address narrows it. */
const SHOWN_MAX = 40;

/** The ways in whose address holds every word that was typed, however Danish letters are written. */
export function matching(paths: readonly PhonePath[], text: string): readonly PhonePath[] {
  const words = folded(text).split(/\s+/);
  const found = paths.filter(({ home }) => {
    const address = folded(`${home.line} ${home.postalCode} ${home.city}`);
    return words.every((word) => address.includes(word));
  });
  return found.slice(0, SHOWN_MAX);
}

function folded(text: string): string {
  return text
    .trim()
    .toLocaleLowerCase("da")
    .replaceAll(/aa/g, "å")
    .replaceAll(/oe/g, "ø")
    .replaceAll(/ae/g, "æ")
    .replaceAll(/[.,]/g, " ");
}
