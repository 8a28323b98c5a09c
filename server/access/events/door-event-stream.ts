import type { Revision } from "@portner/schema/journal";
import { BEAT_MS } from "../../graphql/live-stream.ts";
import { resume, type ResumedItem } from "../../graphql/resume.ts";
import { ok, type Result } from "../../kernel/result.ts";
import type { Candidate } from "./door-event-feed.ts";
import {
  edgeOf,
  readPage,
  startOf,
  type DoorEventEdge,
  type DoorEventRequest,
  type DoorEventSource,
} from "./door-event-place.ts";

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
  const start = await startOf(source, request.after);
  return start.ok ? ok(new DoorEventStream(source, request, start.value.at, start.value.gap)) : start;
}

/** See {@link openDoorEvents}. */
export class DoorEventStream implements AsyncIterableIterator<DoorEventEdge> {
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
    const edge = await edgeOf(this.#source, item, { from, replayed, select: this.#request.select });
    this.#reached = { ...from, sequence: item.sequence };
    return edge;
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
