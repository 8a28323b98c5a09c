import type { FeedEvent } from "./documents.ts";

/** A lock's clock that is off by more makes two times out of one. */
const SKEW_MS_MAX = 60_000;

/** When something happened, as a row shows it. */
export interface EventTimes {
  /** The time that the row stands under, in milliseconds since 1970: the lock's own, or the hub's where they disagree. */
  readonly shownMs: number;
  /** What the lock said, where it is more than a minute away from when the hub heard of it. */
  readonly lockSaysMs: number | undefined;
}

/** Reads both times of an event. */
export function timesOf({ occurredAt, receivedAt }: Pick<FeedEvent, "occurredAt" | "receivedAt">): EventTimes {
  const occurred = Date.parse(occurredAt);
  const received = Date.parse(receivedAt);
  if (Math.abs(received - occurred) <= SKEW_MS_MAX) return { shownMs: occurred, lockSaysMs: undefined };
  return { shownMs: received, lockSaysMs: occurred };
}
