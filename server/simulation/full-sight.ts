import type { JournalSight } from "../journal/index.ts";

/** Of a hub that knows whatever stands in the journal. */
export const FULL_SIGHT: JournalSight = {
  seenUpTo: () => Number.MAX_SAFE_INTEGER,
  catchUp: () => Promise.resolve(),
};
