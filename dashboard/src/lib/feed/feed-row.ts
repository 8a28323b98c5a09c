import type { FeedEdge, FeedEvent } from "./documents.ts";

/** Something that happened at a door. */
export interface EventRow {
  readonly kind: "event";
  /** Cursor of the journal. */
  readonly key: string;
  readonly event: FeedEvent;
  /** Second in which the hub recorded it, since 1970. */
  readonly receivedSecond: number;
  /** Whether it was fetched after a lost line, rather than heard as it happened or loaded with the page. */
  readonly fetched: boolean;
}

/** A time without a line, and what was fetched behind it. */
export interface HoleRow {
  readonly kind: "hole";
  readonly key: string;
  /** By the hub's clock, milliseconds since 1970. */
  readonly lostAtMs: number;
  readonly backAtMs: number;
  /** Events fetched so far. */
  readonly fetched: number;
  /** Whether the rest is being fetched. */
  readonly isFetching: boolean;
  /** Whether that is all of them; neither this nor being fetched: it broke off. */
  readonly isWhole: boolean;
}

/** Events that the hub no longer has. */
export interface GapRow {
  readonly kind: "gap";
  readonly key: string;
}

/** The hub's journal was restored from a backup: what stands below is what this page had heard before. */
export interface RestoredRow {
  readonly kind: "restored";
  readonly key: string;
}

/** A row of the feed. */
export type FeedRow = EventRow | HoleRow | GapRow | RestoredRow;

/** A row of an edge; nothing for a beat. */
export function rowOf({ cursor, node, gap }: FeedEdge, fetched: boolean): EventRow | GapRow | undefined {
  if (gap !== null) return { kind: "gap", key: `gap ${cursor}` };
  if (node === null) return undefined;
  const receivedSecond = Math.floor(Date.parse(node.receivedAt) / 1_000);
  return { kind: "event", key: cursor, event: node, receivedSecond, fetched };
}
