import type { HoleRow } from "./feed-row.ts";

/** What a catch-up begins with. */
export interface CatchUpStart {
  /** Key of the hole's row. */
  readonly key: string;
  /** By the hub's clock, milliseconds since 1970. */
  readonly lostAtMs: number;
  readonly backAtMs: number;
  /** The page need not count as behind any more. */
  readonly done: () => void;
}

/** The fetching of what was missed in one time without a line. A stream that fails meanwhile goes on with it. */
export class CatchUp {
  /** Where the newest event stands, once that is known. */
  target: string | undefined;
  #hole: HoleRow;
  #done: () => void;

  constructor({ done, ...hole }: CatchUpStart) {
    this.#hole = { kind: "hole", ...hole, fetched: 0, isFetching: true, isWhole: false };
    this.#done = done;
  }

  /** How far it has come. */
  get hole(): HoleRow {
    return this.#hole;
  }

  /** One more event was fetched. */
  count(): void {
    this.#hole = { ...this.#hole, fetched: this.#hole.fetched + 1 };
  }

  /** Its stream has failed: the page counts as behind no more for its sake, but as ended. The hole stays open. */
  letGo(): void {
    this.#done();
    this.#done = () => undefined;
  }

  /** Its stream goes on; the page is behind once more until `done` is called. */
  goOn(done: () => void): void {
    this.#done = done;
  }

  /** Ends it, with everything fetched or given up. Answers what stays of it. */
  end(isWhole: boolean): HoleRow {
    this.#hole = { ...this.#hole, isFetching: false, isWhole };
    this.letGo();
    return this.#hole;
  }
}
