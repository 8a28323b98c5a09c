import type { Ending, ImportReport } from "./import-report.ts";

/** A larger share of a kind leaves in no ordinary week: it is a part of a file, or the file of another system. */
const ENDED_SHARE_MAX = 0.1;
/** So many end whatever their share: a small town loses a team or a stairwell without being asked. */
export const ENDED_FREELY_MAX = 20;

function isMany({ ended, stood }: Ending): boolean {
  // An empty list is the likeliest fault of an export, in a small town, too.
  const isAll = ended > 0 && ended === stood;
  return isAll || (ended > ENDED_FREELY_MAX && ended > stood * ENDED_SHARE_MAX);
}

/**
 * Of which kinds an import would end more than a file may without being asked: all of them, or more than
 * {@link ENDED_SHARE_MAX} of them and than {@link ENDED_FREELY_MAX}. The file being the whole truth, an empty list in it
 * would shut out everybody at once.
 */
export function endingMany(kinds: ImportReport["kinds"]): readonly Ending[] {
  const endings = Object.entries(kinds).map(([kind, { ended, stood }]) => ({ kind, ended, stood }));
  return endings.filter(isMany);
}
