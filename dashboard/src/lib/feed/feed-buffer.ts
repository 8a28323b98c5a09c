import type { FeedRow } from "./feed-row.ts";

/** Rows that a page holds: a busy hour of a municipality. Older ones are read from the journal. */
export const BUFFER_ROWS_MAX = 2_000;
/** Rows over the limit that are let go at one go, so that letting go costs nothing per row. */
const SLACK_ROWS = 256;

/** The newest rows of a feed, each once, in the order of the journal. */
export class FeedBuffer {
  /** Oldest first. */
  #rows: FeedRow[] = [];
  readonly #keys = new Set<string>();
  readonly #max: number;
  #hasDropped = false;

  constructor(max: number = BUFFER_ROWS_MAX) {
    this.#max = max;
  }

  /** Rows that are held. */
  get size(): number {
    return Math.min(this.#rows.length, this.#max);
  }

  /** Whether older rows were let go to make room. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  /** Adds the newest row. `false`: it is there already. */
  add(row: FeedRow): boolean {
    if (this.#keys.has(row.key)) return false;
    this.#keys.add(row.key);
    this.#rows.push(row);
    if (this.#rows.length > this.#max) this.#hasDropped = true;
    if (this.#rows.length > this.#max + SLACK_ROWS) this.#drop();
    return true;
  }

  /** Adds older rows, oldest first, as far as there is room; the newest of them first. Answers how many it took. */
  addOlder(rows: readonly FeedRow[]): number {
    const room = Math.max(0, this.#max - this.#rows.length);
    const fresh = rows.filter(({ key }) => !this.#keys.has(key));
    const taken = room === 0 ? [] : fresh.slice(-room);
    if (taken.length < fresh.length) this.#hasDropped = true;
    for (const { key } of taken) this.#keys.add(key);
    this.#rows = [...taken, ...this.#rows];
    return taken.length;
  }

  /** Puts a row in the place of the one with its key. */
  replace(row: FeedRow): void {
    const at = this.#rows.findLastIndex(({ key }) => key === row.key);
    if (at !== -1) this.#rows[at] = row;
  }

  /** The rows, newest first. */
  newestFirst(): readonly FeedRow[] {
    return this.#rows.slice(-this.#max).toReversed();
  }

  #drop(): void {
    for (const { key } of this.#rows.splice(0, this.#rows.length - this.#max)) this.#keys.delete(key);
  }
}
