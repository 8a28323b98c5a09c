import type { WayPath } from "./documents.ts";

/** A door on the way, from the street inwards. */
export type WayDoor = WayPath["doors"][number];

/** A home to which a shared door leads. */
export interface Home {
  readonly addressId: string;
  readonly line: string;
  readonly emergencyCall: boolean;
}

/** The way that a page is about. */
export interface Way {
  readonly title: string;
  /** Global id of the path that is opened as one; absent where the page is about a door that many paths share. */
  readonly path: { readonly id: string; readonly emergencyCall: boolean } | undefined;
  /** From the street inwards; the lock that the page is about sits on one of them. */
  readonly doors: readonly WayDoor[];
  /** Global id of the lock that the page is about: the innermost one, unless it was asked for by name. */
  readonly focus: string | undefined;
  /** Homes behind a shared door; empty for the way to one home. */
  readonly homes: readonly Home[];
}

/** What a page was asked for. */
export interface WayQuestion {
  readonly title: string;
  readonly paths: readonly WayPath[];
  /** The lock that was asked for. */
  readonly lock?: { readonly id: string; readonly door: WayDoor } | undefined;
  /** The address that was asked for. */
  readonly address?: string | undefined;
}

/** Puts the way together: to one home as a whole, to a shared door as far as the door. */
export function wayOf({ title, paths, lock, address }: WayQuestion): Way {
  const homeward = address === undefined ? paths : paths.filter(({ home }) => home.id === address);
  const [only] = homeward.length === 0 ? paths : homeward;
  const shared = isShared(homeward.length === 0 ? paths : homeward);
  if (only === undefined) {
    const doors = lock === undefined ? [] : [lock.door];
    return { title, path: undefined, doors, focus: lock?.id, homes: [] };
  }
  if (!shared && (address === undefined || homeward.length > 0)) {
    const path = { id: only.id, emergencyCall: only.citizen.emergencyCall === true };
    return { title, path, doors: only.doors, focus: lock?.id ?? innermost(only.doors), homes: [] };
  }
  const doors = only.doors.slice(0, 1 + only.doors.findLastIndex((door) => isWanted(door, { lock, address })));
  return { title, path: undefined, doors, focus: lock?.id ?? innermost(doors), homes: homesOf(paths) };
}

/** Several people may live behind one door: their paths are one. */
function isShared(paths: readonly WayPath[]): boolean {
  return new Set(paths.map(({ doors }) => doors.map(({ id }) => id).join())).size > 1;
}

function isWanted(door: WayDoor, { lock, address }: Pick<WayQuestion, "lock" | "address">): boolean {
  return lock === undefined ? door.address.id === address : door.id === lock.door.id;
}

function innermost(doors: readonly WayDoor[]): string | undefined {
  return doors.findLast((door) => door.lock !== null)?.lock?.id;
}

function homesOf(paths: readonly WayPath[]): readonly Home[] {
  const homes = new Map<string, Home>();
  for (const { home, citizen } of paths) {
    const emergencyCall = citizen.emergencyCall === true || homes.get(home.id)?.emergencyCall === true;
    homes.set(home.id, { addressId: home.id, line: home.line, emergencyCall });
  }
  return [...homes.values()];
}

/** Global ids of the locks on a way, each once. */
export function lockIdsOf({ doors, focus }: Pick<Way, "doors" | "focus">): readonly string[] {
  const ids = doors.flatMap(({ lock }) => (lock === null ? [] : [lock.id]));
  return [...new Set(focus === undefined ? ids : [...ids, focus])];
}

/**
 * Where a door stands, if that is another house than the one the page is headed with: a gate round the corner. Absent
 * where it is the same.
 */
export function elsewhere({ title }: Pick<Way, "title">, door: WayDoor): string | undefined {
  const house = houseOf(door.address.line);
  return house === houseOf(title) ? undefined : house;
}

/** Street and number of an address as written on a letter. */
function houseOf(line: string): string {
  return line.split(",", 1)[0] ?? line;
}
