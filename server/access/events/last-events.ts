import { lockHistory } from "../../journal/index.ts";
import type { LockPlace } from "../../locks/index.ts";
import { doorEventOf, DOOR_EVENT_KINDS, type DoorEvent } from "./door-event.ts";
import type { DoorEvents } from "./door-events.ts";

/** Entries read at once. */
const PAGE_ENTRIES = 60;
/** Entries looked through at most for a caller who may see few of them: a busy stairwell's week. */
const LOOKED_THROUGH_MAX = 600;

/** What is asked of one lock's past. */
export interface LastEventsQuestion {
  readonly place: Pick<LockPlace, "lock" | "tenant" | "door">;
  /** Events wanted at most. */
  readonly first: number;
  /** Whether the reader gets an event. */
  readonly select: (event: DoorEvent) => boolean;
}

/** What the past is read from. */
export type LastEventsSource = Pick<DoorEvents, "sql" | "origins" | "index">;

/** The newest door events at a lock, refused openings of paths through its door included, newest first. */
export async function lastEvents(
  source: LastEventsSource,
  { place, first, select }: LastEventsQuestion,
): Promise<readonly DoorEvent[]> {
  const found: DoorEvent[] = [];
  let before: number | undefined;
  for (let looked = 0; looked < LOOKED_THROUGH_MAX && found.length < first; looked += PAGE_ENTRIES) {
    const events = await readEvents(source, place, before);
    found.push(...events.found.filter(select));
    if (events.oldest === undefined) break;
    before = events.oldest;
  }
  return found.slice(0, first);
}

async function readEvents(
  { sql, origins, index }: LastEventsSource,
  { lock, tenant, door }: LastEventsQuestion["place"],
  before: number | undefined,
): Promise<{ readonly found: readonly DoorEvent[]; readonly oldest: number | undefined }> {
  const paths = index.facts.pathsOfDoor.get(door) ?? [];
  const asked = { tenant, lock, paths, kinds: DOOR_EVENT_KINDS, limit: PAGE_ENTRIES };
  const entries = await lockHistory(sql, { ...asked, before });
  const known = await origins.find(entries.flatMap(({ command }) => command ?? []));
  const found = entries.flatMap((entry) => doorEventOf(entry, known.get(entry.command ?? "")) ?? []);
  return { found, oldest: entries.length < PAGE_ENTRIES ? undefined : entries.at(-1)?.sequence };
}
