import { foldAddress } from "./address-text.ts";
import { typedWord, type TypedWord } from "./typing-distance.ts";

/** What a typed text may mean: a street, and what was said of the home in it. */
export interface AddressQuery {
  /** Letters of the street without gaps; empty where only numbers were typed. */
  readonly street: TypedWord;
  readonly number?: string;
  readonly letter?: string;
  readonly floor?: string;
  readonly side?: string;
  readonly postalCode?: string;
  /** Letters of the city without gaps. */
  readonly city?: TypedWord;
  /** Words that fit nowhere: a user id behind the address, say. */
  readonly leftOver: number;
}

/** Ways to read one text: it has few numbers, and each may be where the street ends. */
const READINGS_MAX = 6;
const SIDES: ReadonlyMap<string, string> = new Map([
  ...["th", "ht", "hojre"].map((word) => [word, "th"] as const),
  ...["tv", "vt", "venstre"].map((word) => [word, "tv"] as const),
  ...["mf", "fm", "midt", "midten"].map((word) => [word, "mf"] as const),
]);
const FLOORS: ReadonlyMap<string, string> = new Map([
  ["st", "st"],
  ["stue", "st"],
  ["stuen", "st"],
  ["kl", "kl"],
  ["kld", "kl"],
]);
/** A floor and a side typed as one word. */
const GLUED = /(?<= |^)(st|stue|stuen|kl)(th|tv|mf)(?= |$)/g;
/** What people and papers shorten in names of streets, folded. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ["gl", "gammel"],
  ["ndr", "nordre"],
  ["nr", "norre"],
  ["sdr", "sondre"],
  ["vstr", "vestre"],
  ["ostr", "ostre"],
  ["skt", "sankt"],
  ["sct", "sankt"],
  ["pl", "plads"],
  ["v", "vej"],
]);

/** The name of a street as a search compares it: folded, written out, without gaps. */
export function streetKey(street: string): string {
  return joined(foldAddress(street).split(" "));
}

function joined(words: readonly string[]): string {
  return words.map((word) => SHORT.get(word) ?? word).join("");
}

/** Every way to read a typed text, the shortest street first. Nothing for a text without letters and digits. */
export function readAddress(text: string): readonly AddressQuery[] {
  const folded = foldAddress(text);
  if (folded === "") return [];
  const words = streetFirst(folded.replaceAll(GLUED, "$1 $2").split(" "));
  const ends = words.flatMap((word, at) => (at > 0 && isNumber(word) ? [at] : [])).slice(0, READINGS_MAX - 1);
  return [...ends, words.length].map((end) => ({
    street: typedWord(joined(words.slice(0, end))),
    ...restOf(words.slice(end)),
  }));
}

/** `12 åbovej` is `åbovej 12`; a street may begin with a number as well, so only a single one is moved. */
function streetFirst(words: readonly string[]): readonly string[] {
  const [first = "", second = ""] = words;
  if (!isNumber(first) || second === "" || isNumber(second) || FLOORS.has(second) || SIDES.has(second)) return words;
  const end = words.findIndex((word, at) => at > 0 && isNumber(word));
  const name = end === -1 ? words.slice(1) : words.slice(1, end);
  return [...name, first, ...(end === -1 ? [] : words.slice(end))];
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

function isPostalCode(word: string): boolean {
  return /^\d{4}$/.test(word);
}

/** Reads number, letter, floor, side, postal code and city, each where it stands. */
function restOf(words: readonly string[]): Omit<AddressQuery, "street"> {
  const found: { -readonly [Part in keyof Omit<AddressQuery, "street">]?: AddressQuery[Part] } = {};
  const city: string[] = [];
  let leftOver = 0;
  for (const word of words) {
    const side = SIDES.get(word);
    const floor = FLOORS.get(word);
    if (found.number === undefined) {
      if (isNumber(word)) found.number = word;
      else city.push(word);
    } else if (isPostalCode(word)) {
      if (found.postalCode === undefined) found.postalCode = word;
      else leftOver += 1;
    } else if (side !== undefined && found.side === undefined) found.side = side;
    else if (floor !== undefined && found.floor === undefined) found.floor = floor;
    else if (isNumber(word)) {
      if (found.floor === undefined) found.floor = word;
      else if (found.side === undefined) found.side = word;
      else leftOver += 1;
    } else if (/^[a-z]$/.test(word) && found.letter === undefined && found.floor === undefined) found.letter = word;
    else city.push(word);
  }
  return { ...found, ...(city.length > 0 && { city: typedWord(city.join("")) }), leftOver };
}
