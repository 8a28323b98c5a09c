import type { Basis, Decision, DenialReason } from "@portner/schema/access";
import type { Revision } from "@portner/schema/journal";
import { decide, decideRemote, isTooOld, staleDenial, type DecisionGround, type Demand } from "./decide.ts";

/** Who asks for a path: a phone with its own credential, or somebody for somebody else. */
export type Asker =
  | { readonly type: "credential"; readonly credential: number }
  | { readonly type: "remote"; readonly person: number | null };

/** May all doors of a path be opened now? */
export interface PathQuestion extends Demand {
  readonly path: number;
  readonly asker: Asker;
}

/** One answer for a whole path: it opens from the street inwards, or not at all. */
export type PathDecision =
  | {
      readonly outcome: "allow";
      /** From the street inwards; at least one. */
      readonly doors: readonly { readonly door: number; readonly lock: number; readonly basis: Basis }[];
      /** Doors without a lock: passed by, and shown. */
      readonly skippedDoors: readonly number[];
      /** The basis of the innermost door, which stands for the whole. */
      readonly basis: Basis;
      readonly revision: Revision;
    }
  | {
      readonly outcome: "deny";
      /** The outermost lock that denies; null where there is none to deny. */
      readonly refusedLock: number | null;
      readonly reasons: readonly [DenialReason, ...DenialReason[]];
      readonly revision: Revision;
    };

/** Decides once over all doors of a path; one lock that denies denies the path. */
export function decidePath(ground: DecisionGround, question: PathQuestion): PathDecision {
  const { revision } = ground;
  if (isTooOld(ground, question.minRevision)) return { ...staleDenial(ground), refusedLock: null };
  const doors: { door: number; lock: number; basis: Basis }[] = [];
  const skippedDoors: number[] = [];
  for (const door of ground.facts.doorsOfPath.get(question.path) ?? []) {
    const lock = ground.facts.lockOfDoor.get(door);
    if (lock === undefined) {
      skippedDoors.push(door);
      continue;
    }
    const decision = decideLock(ground, question, lock);
    if (decision.outcome === "deny") return { ...decision, refusedLock: lock };
    doors.push({ door, lock, basis: decision.basis });
  }
  const innermost = doors.at(-1);
  // A path that nobody knows, or without a single lock, has nothing that a hub could open.
  if (innermost === undefined) return { outcome: "deny", refusedLock: null, reasons: ["LOCK_UNKNOWN"], revision };
  return { outcome: "allow", doors, skippedDoors, basis: innermost.basis, revision };
}

function decideLock(ground: DecisionGround, question: PathQuestion, lock: number): Decision {
  const { asker, at } = question;
  return asker.type === "credential"
    ? decide(ground, { credential: asker.credential, lock, at })
    : decideRemote(ground, { person: asker.person, lock, at });
}
