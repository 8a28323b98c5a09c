import { fraction, type Random } from "../ground/random.ts";
import type { OpenablePath, OpenTarget } from "./operations.ts";

/** Where a carer goes now. `wrongDoor`: somebody else's round, or no right to be there at all. */
export interface Errand {
  readonly kind: "path" | "flat" | "wrongDoor";
  readonly target: OpenTarget;
}

/** By day many stairwells stand open, and only the flat's lock is needed. */
const STAIRWELL_OPEN_BY_DAY = 0.6;
/** Once in so many errands a carer stands at the wrong door. */
const WRONG_DOOR = 0.02;

/** Whether it is night in the town: when stairwells are closed and the night watch walks. */
export function isNight(now: number): boolean {
  const hour = Number(
    new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hourCycle: "h23", timeZone: "Europe/Copenhagen" }).format(now),
  );
  return hour < 7 || hour >= 23;
}

function pick<Item>(items: readonly Item[], random: Random): Item | undefined {
  return items[Math.floor(fraction(random) * items.length)];
}

/**
 * The next errand: the carer's own path, or now and then a stranger's. A carer without any path of their own (a temp
 * without a planned visit) always stands before a stranger's door. `undefined` when there is no door at all.
 */
export function nextErrand(
  own: OpenablePath | undefined,
  strangers: readonly OpenablePath[],
  facts: { readonly random: Random; readonly night: boolean },
): Errand | undefined {
  const { random, night } = facts;
  if (own === undefined || fraction(random) < WRONG_DOOR) {
    const path = pick(strangers, random);
    if (path !== undefined) return { kind: "wrongDoor", target: { path: path.id } };
    if (own === undefined) return undefined;
  }
  const lock = own.doors.at(-1)?.lock ?? undefined;
  const stairwellOpen = own.doors.length > 1 && !night && fraction(random) < STAIRWELL_OPEN_BY_DAY;
  return stairwellOpen && lock !== undefined
    ? { kind: "flat", target: { lock: lock.id } }
    : { kind: "path", target: { path: own.id } };
}
