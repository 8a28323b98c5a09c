import type { FeedRow } from "./feed-row.ts";

const MINUTE_SECONDS = 60;

/** How much happened in a minute. */
export interface Minute {
  readonly count: number;
  /** Whether there was no more: what is kept has no hole in that minute, and reaches behind it. */
  readonly isWhole: boolean;
}

/**
 * Events that happened in the minute before an instant; what came late is not of this minute. `isAll`: there is nothing
 * older than the last row.
 */
export function minuteBefore(newestFirst: readonly FeedRow[], nowMs: number, isAll: boolean): Minute {
  const since = nowMs / 1_000 - MINUTE_SECONDS;
  let count = 0;
  let hasHole = false;
  for (const row of newestFirst) {
    if (row.kind !== "event") {
      hasHole ||= row.kind !== "hole" || (!row.isWhole && row.backAtMs / 1_000 >= since);
      continue;
    }
    if (row.receivedSecond < since) return { count, isWhole: !hasHole };
    if (Date.parse(row.event.occurredAt) / 1_000 >= since) count += 1;
  }
  return { count, isWhole: isAll && !hasHole };
}
