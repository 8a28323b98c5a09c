import type { Revision } from "@portner/schema/journal";
import { ConflictError } from "../../graphql/errors.ts";
import type { LogPage } from "../../graphql/resume.ts";
import { oldestSequence, readAfter, type Reading } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Sql } from "../../kernel/database.ts";
import { fail, ok, type Result } from "../../kernel/result.ts";
import type { CommandOrigins } from "./command-origins.ts";
import { doorEventOf, type DoorEvent } from "./door-event.ts";
import { candidatesOf, type Candidate, type DoorEventFeed } from "./door-event-feed.ts";

/** Entries read from the journal at once while a stream catches up. */
const READ_ENTRIES_MAX = 512;

/** One thing a stream says: an event, a hole, or (neither) that it lives and how far it has come. */
export interface DoorEventEdge {
  readonly cursor: Revision;
  readonly event: DoorEvent | null;
  /** Whether it was read from the journal rather than heard live. */
  readonly replayed: boolean;
  readonly gap: { readonly from: Revision; readonly oldest: Revision } | null;
}

/** What streams of door events stand on. */
export interface DoorEventSource {
  readonly sql: Sql;
  readonly clock: Clock;
  readonly feed: DoorEventFeed;
  readonly origins: CommandOrigins;
}

/** What one stream is asked for. */
export interface DoorEventRequest {
  /** Place to go on from; absent: from now on. */
  readonly after?: Revision | undefined;
  /** Whether the reader gets an event; asked at the moment of delivery. */
  readonly select: (event: DoorEvent) => boolean;
  readonly beatMs?: number | undefined;
}

/** Where a stream begins, and what it says before anything else. */
export interface Start {
  readonly at: Revision;
  readonly gap?: DoorEventEdge;
}

/** Finds where a stream begins; a cursor of another epoch begins with a gap, one ahead of the journal is a failure. */
export async function startOf(
  { sql }: Pick<DoorEventSource, "sql">,
  after: Revision | undefined,
): Promise<Result<Start, { readonly code: "CURSOR_IN_FUTURE" }>> {
  const { epoch, headSequence } = await readAfter(sql, Number.MAX_SAFE_INTEGER, 1);
  if (after === undefined) return ok({ at: { epoch, sequence: headSequence } });
  if (after.epoch === epoch)
    return after.sequence > headSequence ? fail({ code: "CURSOR_IN_FUTURE" }) : ok({ at: after });
  const oldest = await oldestSequence(sql);
  const at = { epoch, sequence: oldest - 1 };
  const gap = { from: after, oldest: { epoch, sequence: oldest } };
  return ok({ at, gap: { cursor: at, event: null, replayed: true, gap } });
}

/** What lies behind a place in the journal, a page of it. */
export async function readPage(source: DoorEventSource, after: number): Promise<LogPage<Candidate>> {
  const reading = await readAfter(source.sql, after, READ_ENTRIES_MAX);
  const items = [...holeIn(reading, after), ...candidatesOf(reading.entries, reading.epoch)];
  await source.origins.find(items.flatMap(({ entry }) => (entry?.command === undefined ? [] : [entry.command])));
  const position = reading.entries.at(-1)?.sequence ?? Math.max(after, reading.headSequence);
  return { items, position, caughtUp: position >= reading.headSequence };
}

/** Sequences have no holes, so a first entry that is not the next one says that those between were archived. */
function holeIn({ entries, epoch, headSequence }: Reading, after: number): Candidate[] {
  const oldest = entries[0]?.sequence ?? headSequence + 1;
  return oldest > after + 1 ? [{ sequence: oldest - 1, epoch, oldest }] : [];
}

/**
 * What a place in the journal says to a reader who has everything up to `from`; nothing where it is not for them. Throws
 * ConflictError `HUB_OUTDATED` at an entry that this hub is too old to read, and `JOURNAL_RESTORED` in another epoch.
 */
export async function edgeOf(
  { origins }: Pick<DoorEventSource, "origins">,
  { sequence, epoch, entry, foreign, oldest }: Candidate,
  reader: { readonly from: Revision; readonly replayed: boolean; readonly select: DoorEventRequest["select"] },
): Promise<DoorEventEdge | undefined> {
  const { from, replayed, select } = reader;
  if (foreign === true) throw new ConflictError("a newer hub wrote an entry; go on at that one", "HUB_OUTDATED");
  if (epoch !== from.epoch) throw new ConflictError("the journal was restored; subscribe anew", "JOURNAL_RESTORED");
  const cursor = { epoch, sequence };
  if (oldest !== undefined) {
    return { cursor, event: null, replayed, gap: { from, oldest: { epoch, sequence: oldest } } };
  }
  const event = entry === undefined ? undefined : await eventOf(origins, entry);
  return event === undefined || !select(event) ? undefined : { cursor, event, replayed, gap: null };
}

async function eventOf(
  origins: CommandOrigins,
  entry: NonNullable<Candidate["entry"]>,
): Promise<DoorEvent | undefined> {
  if (entry.command === undefined) return doorEventOf(entry, undefined);
  const found = await origins.find([entry.command]);
  return doorEventOf(entry, found.get(entry.command));
}
