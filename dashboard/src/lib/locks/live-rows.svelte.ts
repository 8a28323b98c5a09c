import type { GraphqlFailure } from "../graphql/index.ts";
import { openLastingStream, type LastingStream, type LastingStreamDeps } from "../live/lasting-stream.ts";
import type { ApiFilter } from "./filter.ts";
import { LOCK_CHANGED, type LockRow } from "./list-documents.ts";

/** A change as `lockChanged` tells it. */
export interface LockChange {
  readonly kind: "SNAPSHOT" | "SNAPSHOT_END" | "CHANGED" | "LEFT" | "BEAT";
  readonly lockId: string | null;
  readonly lock: LockRow | null;
}

/** See {@link LiveRows.show}. */
export type Streamed = "list" | "pages" | "rows";

/**
 * The rows of one page, kept as they are at the doors. Their order and number change with the next page load only; what
 * matches no longer is marked, what matches since is counted.
 */
export class LiveRows {
  rows: readonly LockRow[] = $state.raw([]);
  /** Rows that match the filter no longer; they stay in their place, marked, until the page is fetched anew. */
  left: ReadonlySet<string> = $state.raw(new Set());
  /** Whether the stream has told of every lock that matches, so that the rows are as they are at the doors. */
  isCurrent: boolean = $state(false);
  /** Why the stream tells nothing just now; it is asked for again by itself. */
  failure: GraphqlFailure | undefined = $state.raw();
  #stream: LastingStream | undefined;
  /** Locks that match, by the stream; absent until it has told of all of them once. */
  matchCount: number | undefined = $state();
  /** Locks that match since the page was fetched and stand on no page of the list yet. */
  newCount: number = $state(0);
  /** Ids of what the stream has told of since it began. */
  #matching = new Set<string>();
  /** Ids of what the list shows or would show on another page; absent until that is known. */
  #listed: ReadonlySet<string> | undefined;
  #isCounting = true;
  readonly #new = new Set<string>();

  /**
   * Shows rows as they were fetched, and says what the stream tells of: a list that has these and no others, a list of
   * several pages, or these rows alone, which says nothing of the list's number.
   */
  show(rows: readonly LockRow[], streamed: Streamed): void {
    this.rows = rows;
    this.left = new Set();
    this.isCurrent = false;
    this.matchCount = undefined;
    this.newCount = 0;
    this.#isCounting = streamed !== "rows";
    this.#new.clear();
    // What other pages show is not fetched: there everything counts as shown that matches when the stream begins.
    this.#listed = streamed === "list" ? new Set(rows.map(({ id }) => id)) : undefined;
  }

  /**
   * Goes on telling of what matches until the answer is called. Every stream begins with all of it, so that what came or
   * left while none was there is found out.
   */
  follow(deps: LastingStreamDeps, filter: ApiFilter): () => void {
    this.failure = undefined;
    const stream = openLastingStream(deps, LOCK_CHANGED, {
      variables: () => {
        this.begin();
        return { filter };
      },
      next: ({ lockChanged }) => {
        this.failure = undefined;
        this.take(lockChanged);
      },
      lost: (failure) => (this.failure = failure),
    });
    this.#stream = stream;
    return () => {
      stream.end();
      this.#stream = undefined;
    };
  }

  /** Asks for the stream at once. */
  again(): void {
    this.#stream?.again();
  }

  /** A line is up, and the stream begins on it from the beginning: call it at each. */
  begin(): void {
    this.isCurrent = false;
    this.#matching = new Set();
  }

  /** Takes a change, of which most are about rows of other pages. */
  take({ lock, lockId, kind }: LockChange): void {
    if (kind === "SNAPSHOT_END") this.#end();
    const id = lock?.id ?? lockId;
    if (id === null) return;
    const isMatching = lock !== null;
    if (isMatching) this.#matching.add(id);
    else this.#matching.delete(id);
    if (isMatching && this.#listed?.has(id) === false) this.#new.add(id);
    else if (!isMatching) this.#new.delete(id);
    if (this.isCurrent) this.#count();
    const at = this.rows.findIndex((row) => row.id === id);
    if (at === -1) return;
    if (isMatching) this.rows = this.rows.with(at, lock);
    if (this.left.has(id) !== isMatching) return;
    this.left = new Set(isMatching ? [...this.left].filter((each) => each !== id) : [...this.left, id]);
  }

  /** What the stream didn't tell of matches no longer: it left while nobody listened. */
  #end(): void {
    this.#listed ??= new Set(this.#matching);
    this.left = new Set(this.rows.flatMap(({ id }) => (this.#matching.has(id) ? [] : [id])));
    for (const id of this.#new) if (!this.#matching.has(id)) this.#new.delete(id);
    this.isCurrent = true;
    this.#count();
  }

  #count(): void {
    if (!this.#isCounting) return;
    this.matchCount = this.#matching.size;
    this.newCount = this.#new.size;
  }
}
