import { foldText } from "@portner/schema/text";

/** What an address is folded from. */
export interface AddressParts {
  readonly street: string;
  readonly number: string;
  readonly floor?: string | null | undefined;
  readonly side?: string | null | undefined;
  readonly postalCode: string;
  readonly city: string;
}

/**
 * An address, or a part of one, in the form a search compares: folded, numbers apart from letters (`12B` is `12 b`), and
 * one spelling of floors and sides (`2. th.`, `2 t.h.`, `2. sal til højre` meet). Folding twice changes nothing.
 */
export function foldAddress(text: string): string {
  return foldText(text)
    .replaceAll(/(?<=\p{N})(?=\p{L})|(?<=\p{L})(?=\p{N})/gu, " ")
    .replaceAll(/(\p{N})(?: sal)+(?= |$)/gu, "$1")
    .replaceAll(/(?<= |^)(?:t h|til hojre)(?= |$)/g, "th")
    .replaceAll(/(?<= |^)(?:t v|til venstre)(?= |$)/g, "tv")
    .replaceAll(/(?<= |^)(?:m f|midt for)(?= |$)/g, "mf")
    .replaceAll(/(?<= |^)stuen(?= |$)/g, "st")
    .replaceAll(/(?<= |^)kaelder(?:en)?(?= |$)/g, "kl");
}

/** The folded form that is stored of an address. */
export function foldedAddress(parts: AddressParts): string {
  const { street, number, floor, side, postalCode, city } = parts;
  return foldAddress(
    [street, number, floor, side, postalCode, city].filter((part) => part !== null && part !== undefined).join(" "),
  );
}
