import { ENTRY_KINDS, type EntryData, type EntryKindName } from "@portner/schema/journal";
import { RULES_VERSION } from "@portner/schema/access";
import type { Instant } from "../kernel/clock.ts";

/** The rows an entry is about, by internal key. Absent where an entry concerns none. */
export interface EntrySubjects {
  readonly tenant?: number | undefined;
  readonly lock?: number | undefined;
  readonly unit?: number | undefined;
  readonly door?: number | undefined;
  readonly path?: number | undefined;
  readonly person?: number | undefined;
  readonly credential?: number | undefined;
  /** Account of whoever did it; absent for locks, phones and the hub itself. */
  readonly actor?: number | undefined;
  readonly command?: string | undefined;
}

/** An entry before it is written. Its id is made before the first attempt, so that a retry writes it at most once. */
export interface NewEntry extends EntrySubjects {
  readonly entryId: string;
  readonly kind: EntryKindName;
  readonly version: number;
  readonly effect: "revokes" | "allows" | "neutral";
  readonly occurredAt: Instant;
  readonly rulesVersion: number;
  /** Journal sequence the decision behind an allowing entry was made at. */
  readonly decidedAtRevision?: number | undefined;
  /** SHA-256 (hex) that tells a repetition from another content under the same id. */
  readonly content?: string | undefined;
  readonly data: unknown;
}

/** What a caller gives to make an entry of one kind. */
export interface EntryInput<Kind extends EntryKindName> extends EntrySubjects {
  readonly entryId: string;
  readonly occurredAt: Instant;
  readonly decidedAtRevision?: number | undefined;
  readonly content?: string | undefined;
  readonly data: EntryData[Kind];
}

/** A new entry whose kind, and so the shape of its data, is known. */
export type EntryOf<Kind extends EntryKindName> = NewEntry & { readonly kind: Kind; readonly data: EntryData[Kind] };

/** Makes an entry; throws if the data breaks the kind's contract, for that is a fault in the code. */
export function newEntry<Kind extends EntryKindName>(kind: Kind, input: EntryInput<Kind>): EntryOf<Kind> {
  const definition = ENTRY_KINDS[kind];
  definition.data.parse(input.data);
  return { ...input, kind, version: definition.version, effect: definition.effect, rulesVersion: RULES_VERSION };
}

interface WrittenEntry extends EntrySubjects {
  readonly sequence: number;
  readonly epoch: number;
  readonly entryId: string;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly hub: string;
  readonly rulesVersion: number;
  readonly decidedAtRevision?: number | undefined;
}

/** An entry as it stands in the journal; `kind` tells the shape of `data`. */
export type JournalEntry<Kind extends EntryKindName = EntryKindName> = {
  [Name in Kind]: WrittenEntry & { readonly kind: Name; readonly data: EntryData[Name] };
}[Kind];

/** An entry of a kind or version that this hub does not know: written by a newer one. Readers stop there and deny. */
export interface ForeignEntry {
  readonly sequence: number;
  readonly foreignKind: string;
}
