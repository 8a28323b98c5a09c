import type { FeedEvent } from "./documents.ts";

/** What comes to the hub within this came as it happened; a later one was kept in the lock, or on the way. */
const LATE_MS_MIN = 5_000;

/** When something happened, as a row shows it, in milliseconds since 1970. */
export interface EventTimes {
  /** When it happened: the lock's own time where its clock can be trusted, else when the hub heard of it. */
  readonly shownMs: number;
  /** When the hub recorded it, where that was more than a few seconds away: then the row is old news. */
  readonly receivedMs: number | undefined;
}

/** Reads both times of an event. */
export function timesOf({ occurredAt, receivedAt }: Pick<FeedEvent, "occurredAt" | "receivedAt">): EventTimes {
  const shownMs = Date.parse(occurredAt);
  const receivedMs = Date.parse(receivedAt);
  return { shownMs, receivedMs: Math.abs(receivedMs - shownMs) > LATE_MS_MIN ? receivedMs : undefined };
}

/** When the events of one line happened; at least one event. */
export interface GroupTimes extends EventTimes {
  /** When the first happened, where that was more than a few seconds before the last. */
  readonly oldestMs: number | undefined;
}

/** Reads the times of events that were recorded in one second, and may have happened at any. */
export function timesOfAll(events: readonly Pick<FeedEvent, "occurredAt" | "receivedAt">[]): GroupTimes {
  const all = events.map(timesOf).toSorted((a, b) => b.shownMs - a.shownMs);
  const newestMs = all[0]?.shownMs ?? 0;
  const oldestMs = all.at(-1)?.shownMs ?? 0;
  const receivedMs = all.find((times) => times.receivedMs !== undefined)?.receivedMs;
  return { shownMs: newestMs, receivedMs, oldestMs: newestMs - oldestMs > LATE_MS_MIN ? oldestMs : undefined };
}
