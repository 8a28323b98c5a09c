import type { Revision } from "@portner/schema/journal";
import { ConflictError } from "../../graphql/errors.ts";
import { BEAT_MS } from "../../graphql/live-stream.ts";
import { resume, type LogPage, type ResumedItem } from "../../graphql/resume.ts";
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

/**
 * The door events behind a cursor, each once, in the order of the journal, then live ones. What the journal no longer
 * holds, or holds under another epoch, is one edge with a gap. A cursor that lies ahead of the journal is a failure. The
 * stream ends with ConflictError `HUB_OUTDATED` at an entry that this hub is too old to read, and with
 * `JOURNAL_RESTORED` when the epoch changes under it.
 */
export async function openDoorEvents(
  source: DoorEventSource,
  request: DoorEventRequest,
): Promise<Result<AsyncIterableIterator<DoorEventEdge>, { readonly code: "CURSOR_IN_FUTURE" }>> {
  const { after } = request;
  const head = await readAfter(source.sql, Number.MAX_SAFE_INTEGER, 1);
  const epoch = head.epoch;
  if (after === undefined) return ok(new DoorEventStream(source, request, { epoch, sequence: head.headSequence }));
  if (after.epoch === epoch) {
    if (after.sequence > head.headSequence) return fail({ code: "CURSOR_IN_FUTURE" });
    return ok(new DoorEventStream(source, request, after));
  }
  const oldest = await oldestSequence(source.sql);
  const start = { epoch, sequence: oldest - 1 };
  const gap: DoorEventEdge = {
    cursor: start,
    event: null,
    replayed: true,
    gap: { from: after, oldest: { epoch, sequence: oldest } },
  };
  return ok(new DoorEventStream(source, request, start, gap));
}

async function readPage(source: DoorEventSource, after: number): Promise<LogPage<Candidate>> {
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

class DoorEventStream implements AsyncIterableIterator<DoorEventEdge> {
  readonly #source: DoorEventSource;
  readonly #request: DoorEventRequest;
  readonly #items: AsyncIterableIterator<ResumedItem<Candidate>>;
  readonly #beatMs: number;
  #reached: Revision;
  #first: DoorEventEdge | undefined;
  #saidAt: number;
  #pending: Promise<IteratorResult<ResumedItem<Candidate>>> | undefined;

  constructor(source: DoorEventSource, request: DoorEventRequest, start: Revision, first?: DoorEventEdge) {
    this.#source = source;
    this.#request = request;
    this.#reached = start;
    this.#first = first;
    this.#beatMs = request.beatMs ?? BEAT_MS;
    this.#saidAt = source.clock.monotonic();
    this.#items = resume<Candidate>({
      clock: source.clock,
      beatMs: this.#beatMs,
      after: start.sequence,
      positionOf: (candidate) => candidate.sequence,
      connect: (feed) => source.feed.connect(feed),
      read: (after) => readPage(source, after),
    });
  }

  async next(): Promise<IteratorResult<DoorEventEdge>> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return this.#say(first);
    for (;;) {
      const leftMs = this.#saidAt + this.#beatMs - this.#source.clock.monotonic();
      this.#pending ??= this.#items.next();
      const next = leftMs <= 0 ? "beat" : await this.#within(this.#pending, leftMs);
      if (next === "beat") return this.#say({ cursor: this.#reached, event: null, replayed: false, gap: null });
      this.#pending = undefined;
      if (next.done === true) return { done: true, value: undefined };
      const edge = await this.#edgeOf(next.value);
      if (edge !== undefined) return this.#say(edge);
    }
  }

  /** Ends the stream and lets go of the feed, also while `next` waits. */
  async return(): Promise<IteratorResult<DoorEventEdge>> {
    this.#pending?.catch(() => undefined);
    await this.#items.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #say(edge: DoorEventEdge): IteratorResult<DoorEventEdge> {
    this.#saidAt = this.#source.clock.monotonic();
    return { done: false, value: edge };
  }

  async #edgeOf({ item, position, replayed }: ResumedItem<Candidate>): Promise<DoorEventEdge | undefined> {
    const from = this.#reached;
    if (item === null) {
      this.#reached = { ...from, sequence: position };
      return undefined;
    }
    const { sequence, epoch, entry, foreign, oldest } = item;
    if (foreign === true) throw new ConflictError("a newer hub wrote an entry; go on at that one", "HUB_OUTDATED");
    if (epoch !== from.epoch) throw new ConflictError("the journal was restored; subscribe anew", "JOURNAL_RESTORED");
    this.#reached = { epoch, sequence };
    if (oldest !== undefined) {
      return { cursor: this.#reached, event: null, replayed, gap: { from, oldest: { epoch, sequence: oldest } } };
    }
    const event = entry === undefined ? undefined : await this.#eventOf(entry);
    if (event === undefined || !this.#request.select(event)) return undefined;
    return { cursor: this.#reached, event, replayed, gap: null };
  }

  async #eventOf(entry: Candidate["entry"]): Promise<DoorEvent | undefined> {
    if (entry === undefined) return undefined;
    if (entry.command === undefined) return doorEventOf(entry, undefined);
    const origins = await this.#source.origins.find([entry.command]);
    return doorEventOf(entry, origins.get(entry.command));
  }

  async #within<Value>(work: Promise<Value>, timeMs: number): Promise<Value | "beat"> {
    let cancel = (): void => undefined;
    const beat = new Promise<"beat">((resolve) => {
      cancel = this.#source.clock.after(timeMs, () => resolve("beat"));
    });
    try {
      return await Promise.race([work, beat]);
    } finally {
      cancel();
    }
  }
}
