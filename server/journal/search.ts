import type { EntryKindName } from "@portner/schema/journal";
import type { Instant } from "../kernel/clock.ts";
import type { Sql } from "../kernel/database.ts";
import { JournalUnavailableError } from "../kernel/errors.ts";
import type { ForeignEntry, JournalEntry } from "./entry.ts";
import { entryFromRow, isForeign, JOURNAL_COLUMNS, type JournalRow } from "./wire.ts";

/**
 * How far an entry's own time may lie ahead of the time it was recorded: a lock's trusted clock errs by 5 s, a hub's by 2.
 */
const AHEAD_MS_MAX = 10_000;

/** What is looked for. What is left out does not narrow. */
export interface EntrySearch {
  readonly tenant: number;
  /** Only what is about one of these locks or persons; for callers who may not see everything. */
  readonly within?: { readonly locks: readonly number[]; readonly persons: readonly number[] } | undefined;
  readonly lock?: number | undefined;
  readonly person?: number | undefined;
  readonly kinds?: readonly EntryKindName[] | undefined;
  /** When it happened: from ≤ t < to. */
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
  /** Sequence of the last entry seen; the page goes on behind it. */
  readonly beyond?: number | undefined;
  readonly order: "newestFirst" | "oldestFirst";
  /** Entries of the page, and one more where the caller wants to know whether there are more. */
  readonly limit: number;
}

/**
 * Readings of one page: a page full of entries that this hub does not know is passed over by the next. While a newer hub
 * works beside an older one, that is a few; tens of thousands in a row mean that this hub is of another age.
 */
const READINGS_MAX = 100;

/**
 * One page of the journal: as many entries as asked for, unless there are no more. Pages go on from a sequence, never from
 * a count, so that page thousand costs what page one costs. Entries of kinds that this hub does not know are left out.
 * Rejects with JournalUnavailableError behind {@link READINGS_MAX} pages of them.
 */
export async function searchEntries(sql: Sql, search: EntrySearch): Promise<readonly JournalEntry[]> {
  const start = search.from === undefined ? undefined : await sequenceAt(sql, search.from - AHEAD_MS_MAX);
  const found: JournalEntry[] = [];
  let beyond = search.beyond;
  for (let readings = 0; readings < READINGS_MAX; readings += 1) {
    const read = await readPage(sql, { ...search, beyond }, start);
    found.push(...read.filter(isKnown));
    const last = read.at(-1);
    if (last === undefined || read.length < search.limit || found.length >= search.limit) {
      return found.slice(0, search.limit);
    }
    beyond = last.sequence;
  }
  throw new JournalUnavailableError("the journal holds too many entries that this hub does not know");
}

async function readPage(
  sql: Sql,
  search: EntrySearch,
  start: number | undefined,
): Promise<readonly (JournalEntry | ForeignEntry)[]> {
  const { tenant, within, lock, person, kinds, from, to, beyond, order, limit } = search;
  const newest = order === "newestFirst";
  const rows = await sql<JournalRow[]>`
    SELECT ${sql.unsafe(JOURNAL_COLUMNS)} FROM journal j
    WHERE tenant = ${tenant}
      ${lock === undefined ? sql`` : sql`AND lock = ${lock}`}
      ${person === undefined ? sql`` : sql`AND person = ${person}`}
      ${kinds === undefined ? sql`` : sql`AND kind = ANY (${[...kinds]})`}
      ${start === undefined ? sql`` : sql`AND seq >= ${start}`}
      ${from === undefined ? sql`` : sql`AND occurred_at >= ${new Date(from)}`}
      ${to === undefined ? sql`` : sql`AND occurred_at < ${new Date(to)}`}
      ${beyond === undefined ? sql`` : newest ? sql`AND seq < ${beyond}` : sql`AND seq > ${beyond}`}
      ${within === undefined ? sql`` : sql`AND (lock = ANY (${[...within.locks]}) OR person = ANY (${[...within.persons]}))`}
    ORDER BY seq ${newest ? sql`DESC` : sql`ASC`} LIMIT ${limit}`;
  return rows.map(entryFromRow);
}

function isKnown(entry: JournalEntry | ForeignEntry): entry is JournalEntry {
  return !isForeign(entry);
}

/** The first sequence recorded at this time or behind it: recorded times never fall, so halving finds it. */
async function sequenceAt(sql: Sql, at: Instant): Promise<number> {
  const [ends] = await sql<{ low: string | null; high: string | null }[]>`
    SELECT min(seq) AS low, max(seq) AS high FROM journal`;
  let low = Number(ends?.low ?? 1);
  let high = Number(ends?.high ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await sql<{ recorded_at: Date }[]>`SELECT recorded_at FROM journal WHERE seq = ${middle}`;
    if (row !== undefined && row.recorded_at.getTime() >= at) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The entry with this id, if it is still kept and of a kind that this hub knows. */
export async function entryById(sql: Sql, entryId: string): Promise<JournalEntry | undefined> {
  const [row] = await sql<JournalRow[]>`
    SELECT ${sql.unsafe(JOURNAL_COLUMNS)} FROM journal j
    WHERE seq = (SELECT k.seq FROM entry_key k WHERE k.entry_id = ${entryId})`;
  const entry = row === undefined ? undefined : entryFromRow(row);
  return entry !== undefined && isKnown(entry) ? entry : undefined;
}

/** The entries that authorised these commands: who is behind each of them. */
export async function authorisationsOf(
  sql: Sql,
  commands: readonly string[],
): Promise<readonly JournalEntry<"command.authorised" | "answer.given">[]> {
  const rows = await sql<JournalRow[]>`
    SELECT ${sql.unsafe(JOURNAL_COLUMNS)} FROM journal j
    WHERE command = ANY (${[...commands]}::uuid[]) AND kind IN ('command.authorised', 'answer.given')
    ORDER BY seq`;
  return rows.map(entryFromRow).filter(isAuthorisation);
}

function isAuthorisation(
  entry: JournalEntry | ForeignEntry,
): entry is JournalEntry<"command.authorised" | "answer.given"> {
  return isKnown(entry) && (entry.kind === "command.authorised" || entry.kind === "answer.given");
}
