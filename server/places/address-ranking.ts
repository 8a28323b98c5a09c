import type { AddressQuery } from "./address-query.ts";
import { typingDistance, type TypedWord } from "./typing-distance.ts";

/**
 * What speaks against an address, in slips of the fingers: a wrong house is worse than any slip that is forgiven, so that
 * a neighbour never stands above the home that was named.
 */
const COST = {
  houseOff: 5,
  houseBegun: 0.6,
  letterOff: 3,
  letterUnsaid: 0.3,
  floorOff: 2.5,
  /** The stairwell of the right house is the next best. */
  floorNone: 1.2,
  floorUnsaid: 0.05,
  sideOff: 2.2,
  sideNone: 1,
  sideUnsaid: 0.02,
  postalCodeOff: 1,
  leftOver: 0.5,
  cityOff: 1.5,
} as const;
/** Of houses that are not the one that was named, the nearer first. */
const HOUSES_A_SLIP = 20;
/** Letters not typed yet: less than any slip, and the shorter street first. */
const UNTYPED = { once: 0.1, aLetter: 0.02 } as const;
/** Slips forgiven in the name of a city. */
const CITY_SLIPS_MAX = 2;
/** A name that is searched by one of its later words. */
const LATER_WORD = 0.4;
/** A piece from inside a name, as of a caller who is heard badly: less than a slip, since every letter is right. */
const INSIDE = { once: 0.8, lettersMin: 3 } as const;

const NEVER = Number.POSITIVE_INFINITY;

/** Slips forgiven in a name of so many letters: three in a long one, none where every letter names another street. */
export function slipsForgiven(letters: number): number {
  if (letters <= 2) return 0;
  if (letters <= 4) return 1;
  return letters <= 8 ? 2 : 3;
}

/** An address as it is compared. */
export interface ComparedAddress {
  readonly number: string;
  readonly letter: string;
  readonly floor: string;
  readonly side: string;
  readonly postalCode: string;
  /** Letters without gaps. */
  readonly city: TypedWord;
}

/**
 * What speaks against a street, by its name from each of its words on; undefined where it can't be meant with so many
 * slips.
 */
export function streetCost(typed: TypedWord, names: readonly TypedWord[], slipsMax: number): number | undefined {
  let least: number | undefined;
  for (const [at, name] of names.entries()) {
    // A number in a name is no slip: `åbovej 14` is never a street called `åbovej`.
    if (typed.digits !== name.digits) continue;
    const distance = typingDistance(typed, name, slipsMax);
    const untyped = UNTYPED.aLetter * Math.max(0, name.text.length - typed.text.length);
    const begun = distance === undefined ? NEVER : distance.beginning + UNTYPED.once + untyped;
    const inside = isInside(typed, name) ? INSIDE.once + untyped : NEVER;
    const cost = Math.min(distance?.whole ?? NEVER, begun, inside) + (at === 0 ? 0 : LATER_WORD);
    if (cost < (least ?? NEVER)) least = cost;
  }
  return least;
}

function isInside(typed: TypedWord, name: TypedWord): boolean {
  return typed.text.length >= INSIDE.lettersMin && name.text.includes(typed.text);
}

/** What speaks against an address of the right street. */
export function homeCost(query: AddressQuery, home: ComparedAddress): number {
  return (
    houseCost(query, home) +
    partCost(query.floor, home.floor, { off: COST.floorOff, none: COST.floorNone, unsaid: COST.floorUnsaid }) +
    partCost(query.side, home.side, { off: COST.sideOff, none: COST.sideNone, unsaid: COST.sideUnsaid }) +
    (query.postalCode === undefined || query.postalCode === home.postalCode ? 0 : COST.postalCodeOff) +
    cityCost(query.city, home.city) +
    query.leftOver * COST.leftOver
  );
}

/** Most figures of a floor; a longer number behind an address is no part of it, but a user id, say. */
const FLOOR_FIGURES_MAX = 2;

/**
 * The home in its street as it was said, where an address is another one: `99`, `12b` or `12, 2 mf`. Undefined where
 * everything that was said of it holds.
 */
export function unmetHome({ number, letter, floor, side }: AddressQuery, home: ComparedAddress): string | undefined {
  if (number === undefined) return undefined;
  const isFloor = floor !== undefined && floor.length <= FLOOR_FIGURES_MAX;
  const isMet =
    number === home.number &&
    (letter === undefined || letter === home.letter) &&
    (!isFloor || (floor === home.floor && (side === undefined || side === home.side)));
  if (isMet) return undefined;
  const house = `${number}${letter ?? ""}`;
  return isFloor ? `${house}, ${[floor, side].filter(Boolean).join(" ")}` : house;
}

function houseCost({ number, letter }: AddressQuery, home: ComparedAddress): number {
  if (number === undefined) return 0;
  if (number !== home.number) {
    const distance = Math.abs(Number(number) - Number(home.number)) / HOUSES_A_SLIP;
    return (home.number.startsWith(number) ? COST.houseBegun : COST.houseOff) + Math.min(1, distance);
  }
  return partCost(letter, home.letter, { off: COST.letterOff, none: COST.letterOff, unsaid: COST.letterUnsaid });
}

function partCost(
  said: string | undefined,
  known: string,
  cost: { readonly off: number; readonly none: number; readonly unsaid: number },
): number {
  if (said === undefined) return known === "" ? 0 : cost.unsaid;
  if (said === known) return 0;
  return known === "" ? cost.none : cost.off;
}

function cityCost(said: TypedWord | undefined, known: TypedWord): number {
  if (said === undefined) return 0;
  const distance = typingDistance(said, known, CITY_SLIPS_MAX);
  return distance === undefined ? COST.cityOff : Math.min(distance.beginning, CITY_SLIPS_MAX) / 2;
}
