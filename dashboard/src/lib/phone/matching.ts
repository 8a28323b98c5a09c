import type { PhonePath } from "./documents.ts";

/** More than this at once nobody looks through; typing an address narrows it. */
const SHOWN_MAX = 40;

/** What is shown, and how many more there are. */
export interface Matching {
  readonly shown: readonly PhonePath[];
  readonly more: number;
}

/** The ways in whose address holds every word that was typed, however Danish letters are written. Their order stays. */
export function matching(paths: readonly PhonePath[], text: string): Matching {
  const words = folded(text).split(/\s+/);
  const found = paths.filter(({ home }) => {
    const address = folded(`${home.line} ${home.postalCode} ${home.city}`);
    return words.every((word) => address.includes(word));
  });
  return { shown: found.slice(0, SHOWN_MAX), more: Math.max(0, found.length - SHOWN_MAX) };
}

function folded(text: string): string {
  return text
    .toLocaleLowerCase("da")
    .replaceAll("aa", "å")
    .replaceAll("oe", "ø")
    .replaceAll("ae", "æ")
    .replaceAll(/[.,]/g, " ")
    .trim();
}
