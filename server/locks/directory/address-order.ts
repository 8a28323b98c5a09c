import type { LockPlace } from "./place.ts";

/** Æ, Ø and Å come last, `Aa` is an Å, and 10 comes after 9. */
const DANISH = new Intl.Collator("da", { numeric: true });
const INWARDS: Readonly<Record<LockPlace["doorKind"], number>> = { gate: 0, stairwell: 1, flat: 2 };

type Placed = Pick<LockPlace, "lock" | "addressText" | "doorKind">;

/**
 * The order of lists: by street and number as a Dane looks them up, of one house from the street inwards and upwards. Ours
 * rather than the database's, whose collation differs from one installation to the next.
 */
export function byAddress(a: Placed, b: Placed): number {
  const [house, home] = partsOf(a.addressText);
  const [otherHouse, otherHome] = partsOf(b.addressText);
  return (
    DANISH.compare(house, otherHouse) ||
    INWARDS[a.doorKind] - INWARDS[b.doorKind] ||
    DANISH.compare(home, otherHome) ||
    a.lock - b.lock
  );
}

/** Street with number, and the rest, in which the ground floor lies under the first. */
function partsOf(address: string): readonly [string, string] {
  const comma = address.indexOf(", ");
  if (comma < 0) return [address, ""];
  return [address.slice(0, comma), address.slice(comma + 2).replace(/^st\b/, "0.")];
}
