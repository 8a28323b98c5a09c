import type { LiveBatch } from "./fan-out/live-batch.ts";
import { LiveStream, type LiveStreamOptions } from "./live-stream.ts";

/** A part of the log behind a position. */
export interface LogPage<Item> {
  readonly items: readonly Item[];
  /** Where this page ends; may lie behind its last item, for what the log holds between may be none of this reader's. */
  readonly position: number;
  /** Whether the log ended here when it was read. */
  readonly caughtUp: boolean;
}

/** What a resumed reader gets; a beat has no item, and its position is where the reader stands. */
export interface ResumedItem<Item> {
  readonly item: Item | null;
  readonly position: number;
  /** Whether it was read from the log rather than heard live. */
  readonly replayed: boolean;
}

/** What {@link resume} needs. */
export interface ResumeOptions<Item> extends Omit<LiveStreamOptions<LiveBatch<Item>>, "connect" | "sizeOf"> {
  /** Position to go on from; everything behind it comes exactly once, in order. */
  readonly after: number;
  readonly positionOf: (item: Item) => number;
  /** Follows the live source; see {@link LiveStreamOptions.connect}. */
  readonly connect: LiveStreamOptions<LiveBatch<Item>>["connect"];
  /** Reads the log behind a position, in order; a failure ends the stream with that failure. */
  readonly read: (after: number) => Promise<LogPage<Item>>;
}

/**
 * Log, then live, each item exactly once and in order: it listens first, reads the log until it has caught up, then goes
 * on live and skips what it has read. A reader that falls behind is sent back to the log. `return()` lets go at once, also
 * while `next()` waits.
 */
export function resume<Item>(options: ResumeOptions<Item>): AsyncIterableIterator<ResumedItem<Item>> {
  // A batch without items still takes its place.
  const sizeOf = ({ items }: LiveBatch<Item>): number => Math.max(1, items.length);
  const live = new LiveStream<LiveBatch<Item>>({ ...options, sizeOf });
  const items = follow(options, live);
  return {
    next: () => items.next(),
    return: async () => {
      await live.return();
      return items.return(undefined);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function* follow<Item>(
  { after, positionOf, read }: ResumeOptions<Item>,
  live: LiveStream<LiveBatch<Item>>,
): AsyncGenerator<ResumedItem<Item>, undefined> {
  let position = after;
  let behind = true;
  try {
    for (;;) {
      while (behind) {
        const page = await read(position);
        for (const item of page.items) {
          position = positionOf(item);
          yield { item, position, replayed: true };
        }
        position = Math.max(position, page.position);
        behind = !page.caughtUp;
      }
      const next = await live.next();
      if (next.done === true) return undefined;
      const { value } = next;
      if (value.kind === "missed") behind = true;
      if (value.kind === "beat") yield { item: null, position, replayed: false };
      if (value.kind !== "event") continue;
      const from = position;
      for (const item of value.event.items.filter((each) => positionOf(each) > from)) {
        position = positionOf(item);
        yield { item, position, replayed: false };
      }
      position = Math.max(position, value.event.position);
    }
  } finally {
    await live.return();
  }
}
