import { foldText } from "@portner/schema/text";
import type { PhonePath } from "./documents.ts";

/** More than this at once nobody looks through; typing an address narrows it. */
const SHOWN_MAX = 40;

/** What is shown, and how many more there are. */
export interface Matching {
  readonly shown: readonly PhonePath[];
  readonly more: number;
}

/** The ways in whose address holds every word that was typed, in the form that the hub's own search compares. Their order stays. */
export function matching(paths: readonly PhonePath[], text: string): Matching {
  const words = foldText(text).split(" ");
  const found = paths.filter(({ home }) => {
    const address = foldText(`${home.line} ${home.postalCode} ${home.city}`);
    return words.every((word) => address.includes(word));
  });
  return { shown: found.slice(0, SHOWN_MAX), more: Math.max(0, found.length - SHOWN_MAX) };
}
