import { readAddress, streetKey, type AddressQuery } from "./address-query.ts";
import { homeCost, slipsForgiven, streetCost, unmetHome, type ComparedAddress } from "./address-ranking.ts";
import { foldAddress, type AddressParts } from "./address-text.ts";
import { typedWord, type TypedWord } from "./typing-distance.ts";

/** An address that a search can find. */
export interface SearchableAddress extends AddressParts {
  /** As `foldedAddress` makes it. */
  readonly folded: string;
}

/** An address that was found; `cost` 0 is what was typed, and each slip of the fingers adds about 1. */
export interface FoundAddress<Address> {
  readonly address: Address;
  readonly cost: number;
  /** The home that was named, where it is another one than this. */
  readonly unmet: string | undefined;
}

/** Streets looked into for one text; what is meant is among the nearest few. */
const STREETS_MAX = 40;

interface Home<Address> {
  readonly address: Address;
  readonly compared: ComparedAddress;
}

interface Street<Address> {
  /** The name from each of its words on. */
  readonly names: readonly TypedWord[];
  readonly homes: Home<Address>[];
}

interface Near<Address> {
  readonly street: Street<Address>;
  readonly cost: number;
}

/** Addresses of one town, found by what people type: any spelling of Danish letters, floors and sides, slips forgiven. */
export class AddressSearch<Address extends SearchableAddress> {
  readonly #streets: readonly Street<Address>[];

  constructor(addresses: Iterable<Address>) {
    const streets = new Map<string, Street<Address>>();
    for (const address of addresses) {
      const names = namesOf(address.street);
      const key = names[0]?.text ?? "";
      const street = streets.get(key) ?? { names, homes: [] };
      street.homes.push({ address, compared: comparedOf(address) });
      streets.set(key, street);
    }
    for (const { homes } of streets.values()) homes.sort((a, b) => byHouse(a.compared, b.compared));
    this.#streets = [...streets.values()];
  }

  /** The best first, none that the caller may not see. Nothing for a text without letters and digits. */
  find(text: string, limit: number, isVisible: (address: Address) => boolean): readonly FoundAddress<Address>[] {
    const best = new Map<Home<Address>, { readonly cost: number; readonly query: AddressQuery }>();
    for (const query of readAddress(text)) {
      for (const { street, cost } of this.#nearest(query)) {
        for (const home of street.homes) {
          const whole = cost + homeCost(query, home.compared);
          const known = best.get(home);
          if (known === undefined || whole < known.cost) best.set(home, { cost: whole, query });
        }
      }
    }
    const found = [...best].toSorted(([, a], [, b]) => a.cost - b.cost);
    if (found.length === 0)
      return this.#byWords(text)
        .values()
        .filter(({ address }) => isVisible(address))
        .take(limit)
        .toArray();
    return found
      .values()
      .filter(([{ address }]) => isVisible(address))
      .take(limit)
      .map(([{ address, compared }, { cost, query }]) => ({ address, cost, unmet: unmetHome(query, compared) }))
      .toArray();
  }

  /** Streets within one slip, and only where there is none those further off: most of a large town is never compared. */
  #nearest({ street: typed }: AddressQuery): readonly Near<Address>[] {
    const forgiven = slipsForgiven(typed.text.length);
    const near = this.#within(typed, Math.min(1, forgiven));
    const found = near.length > 0 || forgiven <= 1 ? near : this.#within(typed, forgiven);
    return found.toSorted((a, b) => a.cost - b.cost).slice(0, STREETS_MAX);
  }

  #within(typed: TypedWord, slipsMax: number): readonly Near<Address>[] {
    return this.#streets.flatMap((street) => {
      const cost = streetCost(typed, street.names, slipsMax);
      return cost === undefined ? [] : [{ street, cost }];
    });
  }

  /** For a text that names no street: each of its words begins a word of the address, as of a city or postal code. */
  #byWords(text: string): readonly FoundAddress<Address>[] {
    const words = foldAddress(text).split(" ");
    if (words[0] === "") return [];
    const isMeant = ({ address }: Home<Address>): boolean =>
      words.every((word) => ` ${address.folded}`.includes(` ${word}`));
    return this.#streets.flatMap(({ homes }) =>
      homes.filter(isMeant).map(({ address }) => ({ address, cost: 1, unmet: undefined })),
    );
  }
}

function namesOf(street: string): readonly TypedWord[] {
  const words = foldAddress(street).split(" ");
  return words.map((_, at) => typedWord(streetKey(words.slice(at).join(" "))));
}

function comparedOf({ number, floor, side, postalCode, city }: AddressParts): ComparedAddress {
  const [house = "", letter = ""] = foldAddress(number).split(" ");
  return {
    number: house,
    letter,
    floor: foldAddress(floor ?? ""),
    side: foldAddress(side ?? ""),
    postalCode,
    city: typedWord(foldAddress(city).replaceAll(" ", "")),
  };
}

/** As one walks: by number, then upwards, then from the left. */
function byHouse(a: ComparedAddress, b: ComparedAddress): number {
  return (
    Number(a.number) - Number(b.number) ||
    compare(a.letter, b.letter) ||
    storey(a.floor) - storey(b.floor) ||
    SIDES.indexOf(a.side) - SIDES.indexOf(b.side) ||
    compare(a.side, b.side)
  );
}

const SIDES = ["", "tv", "mf", "th"];

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function storey(floor: string): number {
  if (floor === "") return -2;
  if (floor === "kl") return -1;
  return floor === "st" ? 0 : Number(floor);
}
