import type { Tone } from "../ui/tone.ts";
import type { LockVerdict, PassportLock } from "./passport.svelte.ts";
import type { Way, WayDoor } from "../path/way.ts";

/** A verdict with the door that it is about. */
export interface DoorVerdict {
  readonly door: WayDoor;
  readonly lock: PassportLock;
  readonly verdict: LockVerdict;
}

const RANK: Readonly<Record<LockVerdict["tone"], number>> = { URGENT: 0, UNKNOWN: 1, SOON: 2, OK: 3 };

/** Tone of a verdict on the screen: what is unknown has no colour. */
export function toneOf(tone: LockVerdict["tone"]): Tone {
  switch (tone) {
    case "OK":
      return "ok";
    case "SOON":
      return "soon";
    case "URGENT":
      return "urgent";
    case "UNKNOWN":
      return "neutral";
  }
}

/** Verdicts of the doors of a way, the worst first; of equals the one that the page is about comes first. */
export function verdictsOf(
  { doors, focus }: Pick<Way, "doors" | "focus">,
  locks: ReadonlyMap<string, PassportLock>,
): readonly DoorVerdict[] {
  const found = doors.flatMap((door): readonly DoorVerdict[] => {
    const lock = locks.get(door.lock?.id ?? "");
    return lock === undefined ? [] : [{ door, lock, verdict: lock.verdict }];
  });
  return found.toSorted(
    (a, b) => RANK[a.verdict.tone] - RANK[b.verdict.tone] || Number(b.lock.id === focus) - Number(a.lock.id === focus),
  );
}

/** Verdicts beside the first that say something else than it: a refused path is told once. */
export function otherVerdicts([first, ...rest]: readonly DoorVerdict[]): readonly DoorVerdict[] {
  return rest.filter(
    ({ verdict }) =>
      verdict.tone !== "OK" && !(verdict.code.startsWith("ATTEMPT") && verdict.code === first?.verdict.code),
  );
}
