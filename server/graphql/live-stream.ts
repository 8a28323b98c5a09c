import type { Clock } from "../kernel/clock.ts";

/** A subscriber hears something at least this often, so that silence means a broken line. */
export const BEAT_MS = 10_000;
/** Events a slow reader may fall behind before it is sent back to the journal: a busy minute of a large city. */
export const BUFFER_EVENTS_MAX = 1_024;

/**
 * What a live stream says. `missed`: the reader was too slow and events were dropped; read on from the last position in
 * the journal. What is fed after `missed` was taken is buffered again, so a reader that re-reads then loses nothing but
 * must skip what it has read twice.
 */
export type LiveItem<Event> =
  { readonly kind: "event"; readonly event: Event } | { readonly kind: "beat" } | { readonly kind: "missed" };

/** What a live stream needs. */
export interface LiveStreamOptions<Event> {
  readonly clock: Clock;
  /** Begins to feed; called once, at once. What it returns is called once, when the stream ends for whatever reason. */
  readonly connect: (feed: (event: Event) => void) => () => void;
  readonly beatMs?: number;
  readonly bufferMax?: number;
  /** How many events one of the source's is, where it feeds several at once; 1 unless told. */
  readonly sizeOf?: (event: Event) => number;
}

/**
 * An iterator over what a listener is fed, bounded in memory, that beats while nothing happens and lets go of its source
 * when it is returned. One reader; `next` may be called before the last one settled only after `return`.
 */
export class LiveStream<Event> implements AsyncIterableIterator<LiveItem<Event>> {
  readonly #clock: Clock;
  readonly #beatMs: number;
  readonly #bufferMax: number;
  readonly #sizeOf: (event: Event) => number;
  readonly #disconnect: () => void;
  #buffer: Event[] = [];
  #buffered = 0;
  #missed = false;
  #done = false;
  #waiting: ((result: IteratorResult<LiveItem<Event>>) => void) | undefined;
  #cancelBeat: () => void = () => undefined;

  constructor({
    clock,
    connect,
    beatMs = BEAT_MS,
    bufferMax = BUFFER_EVENTS_MAX,
    sizeOf = () => 1,
  }: LiveStreamOptions<Event>) {
    this.#clock = clock;
    this.#sizeOf = sizeOf;
    this.#beatMs = beatMs;
    this.#bufferMax = bufferMax;
    this.#disconnect = connect((event) => this.#feed(event));
  }

  /** Resolves with the next item; with a beat where none comes within the beat's time. */
  next(): Promise<IteratorResult<LiveItem<Event>>> {
    const ready = this.#take();
    if (ready !== undefined) return Promise.resolve(ready);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#cancelBeat = this.#clock.after(this.#beatMs, () => this.#hand({ kind: "beat" }));
    });
  }

  /** Ends the stream, lets go of the source, and resolves a waiting `next` as done. Harmless when called again. */
  return(): Promise<IteratorResult<LiveItem<Event>>> {
    if (!this.#done) {
      this.#done = true;
      this.#buffer = [];
      this.#cancelBeat();
      this.#disconnect();
      this.#waiting?.({ done: true, value: undefined });
      this.#waiting = undefined;
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): IteratorResult<LiveItem<Event>> | undefined {
    if (this.#done) return { done: true, value: undefined };
    if (this.#missed) {
      this.#missed = false;
      return { done: false, value: { kind: "missed" } };
    }
    const [event] = this.#buffer.splice(0, 1);
    if (event === undefined) return undefined;
    this.#buffered -= this.#sizeOf(event);
    return { done: false, value: { kind: "event", event } };
  }

  #feed(event: Event): void {
    if (this.#done || this.#missed) return;
    if (this.#waiting !== undefined) return this.#hand({ kind: "event", event });
    const size = this.#sizeOf(event);
    if (this.#buffered + size <= this.#bufferMax) {
      this.#buffer.push(event);
      this.#buffered += size;
    } else {
      this.#buffer = [];
      this.#buffered = 0;
      this.#missed = true;
    }
  }

  #hand(value: LiveItem<Event>): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    this.#cancelBeat();
    resolve?.({ done: false, value });
  }
}
