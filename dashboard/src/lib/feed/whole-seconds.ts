import type { FeedRow } from "./feed-row.ts";

/**
 * Rows, newest first, without those of a second of which older ones may be missing: half a second would be told
 * otherwise than the whole of it, and a reload, which cuts elsewhere, would change lines. Where that leaves nothing, there
 * is nothing whole to show yet.
 */
export function wholeSeconds(rows: readonly FeedRow[]): readonly FeedRow[] {
  const oldest = rows.findLast((row) => row.kind === "event");
  if (oldest?.kind !== "event") return rows;
  const end = rows.findIndex((row) => row.kind === "event" && row.receivedSecond === oldest.receivedSecond);
  return rows.slice(0, end);
}
