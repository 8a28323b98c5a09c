import type { Rights, StandingRights } from "../access/index.ts";
import type { Ending } from "./import-report.ts";

/** A larger share of a kind leaves in no ordinary week: it is a part of a file, or the file of another system. */
const ENDED_SHARE_MAX = 0.1;
/** So many end whatever their share: a small town loses a team or a stairwell without being asked. */
export const ENDED_FREELY_MAX = 20;

/** Whether a file may not end so much without being asked. */
export function isMany({ ended, stood }: Pick<Ending, "ended" | "stood">): boolean {
  // An empty list is the likeliest fault of an export, in a small town, too.
  const isAll = ended > 0 && ended === stood;
  return isAll || (ended > ENDED_FREELY_MAX && ended > stood * ENDED_SHARE_MAX);
}

function countEnded(before: Rights, after: Rights): number {
  return [...before].filter(([name, held]) => {
    const holds = after.get(name);
    return holds === undefined || (held && !holds);
  }).length;
}

/**
 * Of which rights an import ends more than a file may without being asked: all of a kind, or more than
 * {@link ENDED_SHARE_MAX} of it and than {@link ENDED_FREELY_MAX}. The file being the whole truth, an empty list in it
 * would shut out everybody at once. A right that is planned anew and holds when it held has not ended; one that the file
 * takes by a date, a contract or a rule has.
 */
export function endingMany(before: StandingRights, after: StandingRights): readonly Ending[] {
  const kinds = ["employees", "memberships", "bundlePaths"] as const;
  return kinds
    .map((kind) => ({ kind, ended: countEnded(before[kind], after[kind]), stood: before[kind].size }))
    .filter(isMany);
}
