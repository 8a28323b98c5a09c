import type { World } from "@portner/schema/world";
import { Dice } from "../../lock-sim/town/dice.ts";

type TownAddress = World["addresses"][number];

/** A text as somebody on the telephone types it, and the address that is meant. */
export interface TypedAddress {
  readonly text: string;
  readonly meant: TownAddress;
}

/** Shares of texts: with so many slips of the fingers, and with more or less than the address. */
const SHARE = { slip: 0.45, twoSlips: 0.15, place: 0.25, begun: 0.15, loud: 0.1, asWritten: 0.2 };
/** Names this long are typed with two slips, or not to their end. */
const LONG_NAME = 10;
const LETTERS = "abcdefghijklmnopqrstuvwxyzæøå";
/** Keys beside each other on a Danish keyboard. */
const ROWS = ["qwertyuiopå", "asdfghjklæø", "zxcvbnm"];

/** So many texts from a seed: every address of the town may be meant, and no text could as well mean another one. */
export function typedAddresses(world: World, seed: number, count: number): readonly TypedAddress[] {
  const dice = new Dice(seed);
  const streets = [...new Set(world.addresses.map(({ street }) => street.toLowerCase()))];
  const isBeginningOfOne = (name: string): boolean => streets.filter((each) => each.startsWith(name)).length === 1;
  return Array.from({ length: count }, () => {
    const meant = world.addresses[dice.below(world.addresses.length)];
    return meant === undefined ? [] : [{ text: typed(meant, dice, isBeginningOfOne), meant }];
  }).flat();
}

function typed(meant: TownAddress, dice: Dice, isBeginningOfOne: (name: string) => boolean): string {
  const whole = meant.street.toLowerCase();
  const begun = whole.slice(0, Math.ceil(whole.length * 0.7));
  const isBegun = whole.length >= LONG_NAME && isBeginningOfOne(begun) && dice.chance(SHARE.begun);
  const street = isBegun ? begun : withSlips(whole, dice);
  const text = [`${spelled(street, dice)} ${meant.number}`, homeText(meant, dice), placeText(meant, dice)];
  const line = text.filter((part) => part !== "").join(dice.pick([" ", " ", ", "]));
  if (dice.chance(SHARE.loud)) return line.toUpperCase();
  return dice.chance(SHARE.asWritten) ? line.charAt(0).toUpperCase() + line.slice(1) : line;
}

function withSlips(street: string, dice: Dice): string {
  if (street.length >= LONG_NAME && dice.chance(SHARE.twoSlips)) return slip(slip(street, dice), dice);
  return dice.chance(SHARE.slip) ? slip(street, dice) : street;
}

function slip(name: string, dice: Dice): string {
  const at = dice.below(name.length);
  const letter = name.charAt(at);
  const [before, after] = [name.slice(0, at), name.slice(at + 1)];
  switch (dice.below(6)) {
    case 0:
      return before + after;
    case 1:
      return before + letter + letter + after;
    case 2:
      return before + neighbour(letter, dice) + after;
    case 3:
      return before + LETTERS.charAt(dice.below(LETTERS.length)) + after;
    case 4:
      return before + letter + neighbour(letter, dice) + after;
    default:
      return before + after.charAt(0) + letter + after.slice(1);
  }
}

function neighbour(letter: string, dice: Dice): string {
  const row = ROWS.find((each) => each.includes(letter)) ?? LETTERS;
  const at = row.indexOf(letter);
  return row.charAt(at === 0 || (dice.chance(0.5) && at < row.length - 1) ? at + 1 : at - 1);
}

/** One habit a text: nobody writes `å` and `aa` in one name. */
function spelled(name: string, dice: Dice): string {
  const habit = dice.below(3);
  if (habit === 0) return name;
  const letters = habit === 1 ? { å: "aa", ø: "oe", æ: "ae", é: "e" } : { å: "a", ø: "o", æ: "ae", é: "e" };
  return Object.entries(letters).reduce((text, [letter, plain]) => text.replaceAll(letter, plain), name);
}

function homeText({ floor, side }: TownAddress, dice: Dice): string {
  if (floor === undefined) return "";
  const sides: Readonly<Record<string, readonly [string, ...string[]]>> = {
    th: ["th", "th.", "t.h.", "til højre", "TH"],
    tv: ["tv", "tv.", "t.v.", "til venstre", "TV"],
    mf: ["mf", "mf.", "m.f.", "midt for"],
  };
  const storey = /^\d/.test(floor)
    ? dice.pick([floor, `${floor}.`, `${floor}. sal`, `${floor} sal`])
    : dice.pick([floor, `${floor}.`, ...(floor === "st" ? (["stuen"] as const) : [])]);
  const ways = side === undefined ? undefined : sides[side];
  const door = ways === undefined ? (side ?? "") : dice.pick(ways);
  return `${storey}${dice.chance(0.85) || storey.endsWith("l") ? " " : ""}${door}`.trim();
}

function placeText({ postalCode, city }: TownAddress, dice: Dice): string {
  return dice.chance(SHARE.place) ? dice.pick([`${postalCode} ${city}`, city, postalCode, city.toLowerCase()]) : "";
}
