import { ENTRY_KINDS, isEntryKind } from "@portner/schema/journal";
import type { ForeignEntry, JournalEntry, NewEntry } from "./entry.ts";

/** Side rows that stand or fall with an item, by the name of their `rows_…` function in the database. */
export type SideRows = Readonly<Record<string, readonly object[]>>;

/** What is recorded as one: entries in order, and the rows that belong to them. */
export interface Item {
  readonly entries: readonly [NewEntry, ...NewEntry[]];
  readonly rows?: SideRows | undefined;
}

/** An item in the form that the database's functions take. */
export function itemForDatabase(item: Item): object {
  return {
    entries: item.entries.map((entry) => ({
      entry_id: entry.entryId,
      tenant: entry.tenant,
      kind: entry.kind,
      version: entry.version,
      effect: entry.effect,
      occurred_at: entry.occurredAt,
      rules_version: entry.rulesVersion,
      decided_at_revision: entry.decidedAtRevision,
      lock: entry.lock,
      unit: entry.unit,
      door: entry.door,
      path: entry.path,
      person: entry.person,
      credential: entry.credential,
      actor: entry.actor,
      command: entry.command,
      content: entry.content,
      data: entry.data,
    })),
    rows: item.rows ?? {},
  };
}

/** A journal row as the raw client reads it: bigint as text, times as Date. */
export interface JournalRow {
  readonly seq: string;
  readonly epoch: number;
  readonly entry_id: string;
  readonly tenant: number | null;
  readonly kind: string;
  readonly version: number;
  readonly occurred_at: Date;
  readonly recorded_at: Date;
  readonly hub: string;
  readonly rules_version: number;
  readonly decided_at_revision: string | null;
  readonly lock: number | null;
  readonly unit: number | null;
  readonly door: number | null;
  readonly path: number | null;
  readonly person: number | null;
  readonly credential: number | null;
  readonly actor: number | null;
  readonly command: string | null;
  readonly data: unknown;
}

/** The columns of {@link JournalRow}, for a SELECT. */
export const JOURNAL_COLUMNS =
  "j.seq, j.epoch, j.entry_id, j.tenant, j.kind, j.version, j.occurred_at, j.recorded_at, j.hub, j.rules_version, " +
  "j.decided_at_revision, j.lock, j.unit, j.door, j.path, j.person, j.credential, j.actor, j.command, j.data";

/** Reads a row; an unknown kind, version or shape becomes a foreign entry, never a guess. */
export function entryFromRow(row: JournalRow): JournalEntry | ForeignEntry {
  const sequence = Number(row.seq);
  if (!isEntryKind(row.kind) || ENTRY_KINDS[row.kind].version !== row.version) {
    return { sequence, foreignKind: `${row.kind}@${row.version}` };
  }
  return decodeKnown(row, row.kind, sequence);
}

function decodeKnown<Kind extends keyof typeof ENTRY_KINDS>(row: JournalRow, kind: Kind, sequence: number) {
  const data = ENTRY_KINDS[kind].data.safeParse(row.data);
  if (!data.success) return { sequence, foreignKind: `${kind}@${row.version}` };
  const entry = {
    sequence,
    epoch: row.epoch,
    entryId: row.entry_id,
    tenant: row.tenant ?? undefined,
    kind,
    occurredAt: row.occurred_at.getTime(),
    recordedAt: row.recorded_at.getTime(),
    hub: row.hub,
    rulesVersion: row.rules_version,
    decidedAtRevision: row.decided_at_revision === null ? undefined : Number(row.decided_at_revision),
    lock: row.lock ?? undefined,
    unit: row.unit ?? undefined,
    door: row.door ?? undefined,
    path: row.path ?? undefined,
    person: row.person ?? undefined,
    credential: row.credential ?? undefined,
    actor: row.actor ?? undefined,
    command: row.command ?? undefined,
    data: data.data,
  };
  // The schema of this very kind has just accepted the data; the compiler can't follow that through the mapped type.
  return entry as JournalEntry;
}

/** Whether an entry is of a kind this hub can't read. */
export function isForeign(entry: JournalEntry | ForeignEntry): entry is ForeignEntry {
  return "foreignKind" in entry;
}
