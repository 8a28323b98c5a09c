import type { EventRow, FeedRow } from "./feed-row.ts";

/** Nobody reads faster than this; what comes faster is told by address. */
export const EVENTS_PER_SECOND_MAX = 30;

/** Events of one second at one address, told as one. */
export interface EventGroup {
  readonly kind: "group";
  readonly key: string;
  readonly addressText: string;
  /** Newest first; at least two. */
  readonly rows: readonly EventRow[];
}

/** What a feed shows as one line. */
export type FeedItem = FeedRow | EventGroup;

/**
 * Rows as they are shown, newest first. A second with more than 30 events is told by address. It depends on what the
 * journal holds alone, so that a reload shows the same lines.
 */
export function collapse(rows: readonly FeedRow[]): readonly FeedItem[] {
  const items: FeedItem[] = [];
  for (let at = 0; at < rows.length;) {
    const end = endOfSecond(rows, at);
    const second = rows.slice(at, end);
    if (second.length > EVENTS_PER_SECOND_MAX) items.push(...byAddress(second));
    else items.push(...second);
    at = end;
  }
  return items;
}

/** Where the run of events of one second ends; other rows stand alone. */
function endOfSecond(rows: readonly FeedRow[], from: number): number {
  const first = rows[from];
  let end = from + 1;
  if (first?.kind !== "event") return end;
  for (let row = rows[end]; row?.kind === "event" && row.receivedSecond === first.receivedSecond; row = rows[end]) {
    end += 1;
  }
  return end;
}

/** One line for each address, at the place of its newest event. */
function byAddress(second: readonly FeedRow[]): readonly FeedItem[] {
  const groups = new Map<string, EventRow[]>();
  for (const row of second) {
    if (row.kind !== "event") continue;
    const address = row.event.lock?.addressText ?? row.key;
    const known = groups.get(address);
    if (known === undefined) groups.set(address, [row]);
    else known.push(row);
  }
  return [...groups].map(([addressText, rows]) => groupOf(addressText, rows));
}

function groupOf(addressText: string, rows: readonly EventRow[]): FeedItem {
  const [newest] = rows;
  if (newest !== undefined && rows.length === 1) return newest;
  return { kind: "group", key: `${newest?.receivedSecond ?? 0} ${addressText}`, addressText, rows };
}

/** How many events a line stands for. */
export function eventsIn(item: FeedItem): number {
  if (item.kind === "group") return item.rows.length;
  return item.kind === "event" ? 1 : 0;
}
