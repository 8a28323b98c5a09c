import { isForeign, type ForeignEntry, type JournalEntry, type TailBatch } from "../../journal/index.ts";
import type { LiveBatch } from "../../graphql/fan-out/live-batch.ts";
import { maybeDoorEvent } from "./door-event.ts";

/** A place in the journal as a stream of door events meets it: an entry to look at, a hole, or just how far it has come. */
export interface Candidate {
  readonly sequence: number;
  /** Epoch of the journal it was read from. */
  readonly epoch: number;
  readonly entry?: JournalEntry;
  /** An entry that this hub can't read; whoever meets it must not go on as if it were nothing. */
  readonly foreign?: boolean;
  /** The oldest entry that is still kept, where those before it were asked for. */
  readonly oldest?: number;
}

/** What to look at of some entries: the ones that can be door events, and how far they reach. */
export function candidatesOf(entries: readonly (JournalEntry | ForeignEntry)[], epoch: number): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const entry of entries) {
    const { sequence } = entry;
    if (isForeign(entry)) found.push({ sequence, epoch, foreign: true });
    else if (maybeDoorEvent(entry)) found.push({ sequence, epoch, entry });
  }
  const last = entries.at(-1);
  if (last !== undefined && found.at(-1)?.sequence !== last.sequence) found.push({ sequence: last.sequence, epoch });
  return found;
}

/** Hands what the tail brings to every stream of door events; looked through once, whatever their number. */
export class DoorEventFeed {
  readonly #streams = new Set<(batch: LiveBatch<Candidate>) => void>();
  #position = -1;

  /** Follows a tail. */
  take(batch: TailBatch): void {
    this.#position = batch.position.sequence;
    if (batch.entries.length === 0 || this.#streams.size === 0) return;
    const items = candidatesOf(batch.entries, batch.position.epoch);
    for (const feed of [...this.#streams]) feed({ items, position: batch.position.sequence });
  }

  /** Entries up to here have been fed; -1 before the first. */
  get position(): number {
    return this.#position;
  }

  /** Streams that listen now. */
  get listening(): number {
    return this.#streams.size;
  }

  /** Adds a stream. The returned function removes it. */
  connect(feed: (batch: LiveBatch<Candidate>) => void): () => void {
    this.#streams.add(feed);
    return () => void this.#streams.delete(feed);
  }
}
