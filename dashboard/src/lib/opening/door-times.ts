import type { FeedEvent } from "../feed/documents.ts";
import type { WayLock } from "../path/documents.ts";
import type { OpeningDoor } from "./stage.ts";

/** A lock as an opening's sheet knows it: its facts, and what happened at it last. */
export type SheetLock = WayLock & {
  readonly lastEvents: readonly Pick<FeedEvent, "__typename" | "occurredAt" | "receivedAt">[];
};

/** When a door opened, and since when its lock says that it is locked again; milliseconds, absent where no lock has said so. */
export interface DoorTimes {
  readonly openedAtMs?: number;
  readonly lockedAtMs?: number;
}

/** What the lock itself has said of a door that was opened, and since. */
export function doorTimes({ stage, since }: OpeningDoor, lock: SheetLock | undefined): DoorTimes {
  if (stage !== "opened" || since === undefined || lock === undefined) return {};
  // By when the hub heard it: a lock's own clock may be off, and an older opening is not this one.
  const openings = lock.lastEvents.filter(
    ({ __typename, receivedAt }) => __typename === "DoorOpened" && Date.parse(receivedAt) >= Date.parse(since),
  );
  if (openings.length === 0) return {};
  const openedAtMs = Math.min(...openings.map(({ occurredAt }) => Date.parse(occurredAt)));
  const { value, at } = lock.bolt;
  const boltAtMs = at === null ? 0 : Date.parse(at);
  return value === "THROWN" && boltAtMs > openedAtMs ? { openedAtMs, lockedAtMs: boltAtMs } : { openedAtMs };
}
