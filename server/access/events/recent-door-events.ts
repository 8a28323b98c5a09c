import type { Revision } from "@portner/schema/journal";
import { ConflictError } from "../../graphql/errors.ts";
import { isForeign, oldestSequence, readAfter, readBefore, type JournalEntry } from "../../journal/index.ts";
import type { Sql } from "../../kernel/database.ts";
import { fail, ok, type Result } from "../../kernel/result.ts";
import type { CommandOrigins } from "./command-origins.ts";
import { DOOR_EVENT_KINDS, doorEventOf, type DoorEvent } from "./door-event.ts";
import type { DoorEventEdge } from "./door-event-place.ts";
import type { StaffDirectory } from "./staff-directory.ts";

/** Entries that are read at once; a page of a screen without a filter needs one reading. */
const READ_ENTRIES_MAX = 512;
/** Sequences behind one reading: a quiet night of a large city. */
const SPAN = 20_000;
/** Readings of one page. Whoever looks for something rarer gets a short page, and asks on from where it ends. */
const READINGS_MAX = 12;

/** What recent door events stand on. */
export interface RecentSource {
  readonly sql: Sql;
  readonly origins: Pick<CommandOrigins, "find">;
  readonly staff: Pick<StaffDirectory, "find">;
}

/** One page, backwards. */
export interface RecentRequest {
  readonly tenant: number;
  /** Most events of the page. */
  readonly last: number;
  /** Place before which the page ends; absent: the journal's head. */
  readonly before?: Revision | undefined;
  /** Whether the reader gets an event. */
  readonly select: (event: DoorEvent) => boolean;
}

/** The newest events before a place, in the order of the journal. */
export interface RecentDoorEvents {
  readonly edges: readonly DoorEventEdge[];
  /** Whether there may be older ones. */
  readonly hasEarlier: boolean;
  /** Everything from here on was looked at: the place to ask on from, backwards. */
  readonly from: Revision;
  /** Everything up to here was looked at: subscribe behind it, and nothing is lost or doubled. */
  readonly to: Revision;
}

/**
 * Finds the newest door events before a place. A page may be shorter than asked for, or empty, while there are older
 * events: then a rare thing was looked for. A cursor of another epoch, or one ahead of the journal, is a failure.
 */
export async function recentDoorEvents(
  source: RecentSource,
  { tenant, last, before, select }: RecentRequest,
): Promise<Result<RecentDoorEvents, { readonly code: "CURSOR_IN_FUTURE" | "CURSOR_EXPIRED" }>> {
  // The head first: what is committed while we read lies behind it, and belongs to the subscription.
  const { epoch, headSequence } = await readAfter(source.sql, Number.MAX_SAFE_INTEGER, 1);
  if (before !== undefined && before.epoch !== epoch) return fail({ code: "CURSOR_EXPIRED" });
  if (before !== undefined && before.sequence > headSequence + 1) return fail({ code: "CURSOR_IN_FUTURE" });
  const end = before?.sequence ?? headSequence + 1;
  const oldest = await oldestSequence(source.sql);
  const found: DoorEvent[] = [];
  let reached = end;
  for (let reading = 0; reading < READINGS_MAX && found.length <= last && reached > oldest; reading += 1) {
    const page = await readBefore(source.sql, {
      ...{ tenant, kinds: DOOR_EVENT_KINDS, before: reached },
      ...{ span: SPAN, limit: READ_ENTRIES_MAX },
    });
    found.push(...(await eventsOf(source, page.entries.map(known))).filter(select));
    reached = page.reached;
  }
  const shown = found.slice(0, last);
  const isCut = found.length > last;
  const from = isCut ? (shown.at(-1)?.sequence ?? end) : reached;
  await rememberStaff(source, shown);
  return ok({
    edges: shown.toReversed().map((event) => edgeOf(event)),
    hasEarlier: isCut || reached > oldest,
    from: { epoch, sequence: from },
    to: { epoch, sequence: end - 1 },
  });
}

function edgeOf(event: DoorEvent): DoorEventEdge {
  return { cursor: { epoch: event.epoch, sequence: event.sequence }, event, replayed: true, gap: null };
}

/** An entry that this hub can't read may be one that a reader must have; so it says nothing rather than too little. */
function known(entry: Parameters<typeof isForeign>[0]): JournalEntry {
  if (isForeign(entry)) throw new ConflictError("a newer hub wrote an entry; ask that one", "HUB_OUTDATED");
  return entry;
}

async function eventsOf({ origins }: RecentSource, entries: readonly JournalEntry[]): Promise<readonly DoorEvent[]> {
  const found = await origins.find(entries.flatMap(({ command }) => command ?? []));
  return entries.flatMap((entry) => doorEventOf(entry, found.get(entry.command ?? "")) ?? []);
}

/** Names of a whole page in one question to the database, rather than one for each row. */
async function rememberStaff({ staff }: RecentSource, events: readonly DoorEvent[]): Promise<void> {
  await staff.find([...new Set(events.flatMap(({ actor }) => actor?.person ?? []))]);
}
