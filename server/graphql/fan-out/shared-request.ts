import type { LiveBatch } from "./live-batch.ts";

/** A stream as one subscriber asks for it, where others may ask for the same. */
export interface SharedRequest<Item, Event> {
  /**
   * Whoever has the same scope, asks for the same operation and is of the same variant gets the same answer. So it holds
   * everything that filters and rights rest on and that stays while the subscriber may be here.
   */
  readonly scope: string;
  /** Place to go on from. */
  readonly start: number;
  /** A pause of this length is told by a beat. */
  readonly beatMs: number;
  /** What of the subscriber's rights to this item can change under way, judged now. */
  variantOf(item: Item): string;
  /** What an item says to this subscriber now; nothing where it is not for them. A failure ends the stream. */
  eventOf(item: Item): Promise<Event | undefined>;
  /** Says nothing but how far the stream has come. */
  beatAt(position: number): Event;
  /** What lies behind a place, from the log; ends where the log does, with its last place. A failure ends the stream. */
  replay(after: number): AsyncIterator<Event, number>;
  /** The whole stream for this subscriber alone. */
  alone(): AsyncIterableIterator<Event>;
}

/** Where live items come from. */
export interface LiveFeed<Item> {
  /** Items up to here have been fed; -1 before the first. */
  readonly position: number;
  /** Begins to feed. What it returns ends that. */
  connect(feed: (batch: LiveBatch<Item>) => void): () => void;
}
