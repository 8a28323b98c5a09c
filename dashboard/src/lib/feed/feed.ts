import type { GraphqlFailure, ResultOf } from "../graphql/index.ts";
import { openLastingStream, type LastingStream } from "../live/lasting-stream.ts";
import type { LiveSession } from "../live/session.ts";
import { CatchUp } from "./catch-up.ts";
import { collapse, type FeedItem } from "./collapse.ts";
import { DOOR_EVENTS, NEWEST_EVENT, RECENT_EVENTS, type FeedEdge } from "./documents.ts";
import { FeedBuffer } from "./feed-buffer.ts";
import { rowOf, type FeedRow, type HoleRow } from "./feed-row.ts";
import { feedApiFilter, type FeedFilter } from "./filter.ts";
import { minuteBefore, type Minute } from "./minute.ts";
import { Pause, type PauseReason } from "./pause.ts";
import { wholeSeconds } from "./whole-seconds.ts";

/** Events of one page of history: what the API's price of one operation allows. */
export const PAGE_EVENTS = 60;
/**
 * What the hub says of a cursor that its journal does not know: it was restored from a backup, and is another one from
 * there on, or shorter.
 */
const RESTORED: ReadonlySet<string> = new Set(["JOURNAL_RESTORED", "CURSOR_IN_FUTURE"]);
/** Between two pictures: twenty a second look like motion, and leave the machine to whoever else works on it. */
const PICTURE_PAUSE_MS = 50;
/** The same while missed events are fetched: then drawing only holds the fetching up. */
const FETCHING_PAUSE_MS = 250;

/** A page of events as the hub gave it, and where a subscription goes on. */
export interface FeedPage {
  /** Oldest first. */
  readonly edges: readonly FeedEdge[];
  readonly subscribeAfter: string;
  readonly startCursor: string | null;
  readonly hasEarlier: boolean;
}

/** What a feed needs of its page. */
export interface FeedDeps {
  readonly live: {
    readonly subscribe: LiveSession["subscribe"];
    readonly request: LiveSession["request"];
    readonly clock: Pick<LiveSession["clock"], "exactMs">;
    readonly link: Pick<LiveSession["link"], "catchingUp" | "staleSinceMs" | "returns">;
  };
  /** Runs something before the next picture, so long behind the last; the answer calls it off. */
  readonly beforePaint: (run: () => void, pauseMs: number) => () => void;
  /** Runs something after a while; the answer calls it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** The picture has changed; look at it anew. */
  readonly changed: () => void;
}

/** What a feed shows. */
export interface FeedView {
  /** Newest first. Held still while paused. */
  readonly items: readonly FeedItem[];
  /** Events that came since the picture is held. */
  readonly waiting: number;
  readonly isPaused: boolean;
  /** Whether there is more behind the last row that this page can fetch. */
  readonly hasEarlier: boolean;
  /** Why what lies further back could not be fetched; asked for again it may be. */
  readonly earlierFailure: GraphqlFailure | undefined;
  /** Whether the journal was restored meanwhile: it may hold more than this page can reach any more. */
  readonly isRestored: boolean;
  /** Whether older rows were let go: they are in the journal, and no longer on this page. */
  readonly isFull: boolean;
  /** The last time without a line; its row may have gone with the oldest. */
  readonly lastHole: HoleRow | undefined;
  /** Why nothing new comes in. It is tried again by itself, and stands until something has come. */
  readonly failure: GraphqlFailure | undefined;
}

/** The events of doors, newest first: history, then live, each once, over lost lines too. */
export class Feed {
  readonly #deps: FeedDeps;
  readonly #filter: ReturnType<typeof feedApiFilter>;
  readonly #buffer = new FeedBuffer();
  readonly #pause = new Pause();
  /** Rows of the picture, newest first. */
  #rows: readonly FeedRow[] = [];
  #items: readonly FeedItem[] = [];
  /** Whether the oldest second of the picture is there from its beginning. */
  #isWhole = true;
  #waiting = 0;
  #failure: GraphqlFailure | undefined;
  /** Where the stream goes on; nothing after the journal was restored: then from now on. */
  #after: string | null;
  #restorations = 0;
  #start: string | null;
  #hasEarlier: boolean;
  #isFetching = false;
  #earlierFailure: GraphqlFailure | undefined;
  /** Returns of the line that are accounted for. */
  #returns: number;
  #catchUp: CatchUp | undefined;
  #lastHole: HoleRow | undefined;
  #cancelPaint: (() => void) | undefined;
  #stream: LastingStream | undefined;

  constructor(page: FeedPage, filter: FeedFilter, deps: FeedDeps) {
    this.#deps = deps;
    this.#filter = feedApiFilter(filter);
    this.#after = page.subscribeAfter;
    this.#returns = deps.live.link.returns;
    this.#start = page.startCursor;
    this.#hasEarlier = page.hasEarlier;
    this.#buffer.addOlder(rowsOf(page.edges));
    this.#show(this.#buffer.newestFirst());
  }

  get view(): FeedView {
    return {
      items: this.#items,
      waiting: this.#waiting,
      isPaused: this.#pause.isOn,
      hasEarlier: this.#hasEarlier && !this.#buffer.hasDropped,
      earlierFailure: this.#earlierFailure,
      isRestored: this.#restorations > 0,
      isFull: this.#buffer.hasDropped,
      lastHole: this.#catchUp?.hole ?? this.#lastHole,
      failure: this.#failure,
    };
  }

  /** Goes live behind the page. Gives back what ends it. */
  start(): () => void {
    this.#failure = undefined;
    this.#stream = openLastingStream(this.#deps, DOOR_EVENTS, {
      variables: () => this.#variables(),
      next: ({ doorEvents }) => this.#take(doorEvents),
      lost: (failure) => this.#fail(failure),
    });
    void this.#completeSecond();
    return () => {
      this.#stream?.end();
      this.#endCatchUp(false);
      this.#cancelPaint?.();
      this.#cancelPaint = undefined;
    };
  }

  /** Subscribes anew behind the last event at once, after a failure. */
  retry(): void {
    this.#stream?.again();
  }

  /** A reason to hold the picture begins or ends. */
  hold(reason: PauseReason, isOn: boolean): void {
    if (this.#pause.set(reason, isOn)) this.#paintSoon();
  }

  /** Shows what is new, whatever held the picture. */
  release(): void {
    this.#pause.release();
    this.#paintSoon();
  }

  /** Fetches what lies behind the last row, as far as there is room. */
  async fetchEarlier(): Promise<void> {
    if (this.#isFetching || !this.view.hasEarlier) return;
    this.#isFetching = true;
    const variables = { last: PAGE_EVENTS, before: this.#start, filter: this.#filter };
    const restorations = this.#restorations;
    const answer = await this.#deps.live.request(RECENT_EVENTS, variables);
    this.#isFetching = false;
    // An answer of a journal that is another one by now has no place here.
    if (restorations !== this.#restorations) return;
    this.#earlierFailure = answer.ok ? undefined : answer.failure;
    if (answer.ok) this.#takeOlder(answer.value.recentDoorEvents);
    this.#deps.changed();
  }

  #takeOlder({ edges, pageInfo }: ResultOf<typeof RECENT_EVENTS>["recentDoorEvents"]): void {
    const older = rowsOf(edges);
    const taken = this.#buffer.addOlder(older);
    this.#start = pageInfo.startCursor;
    this.#hasEarlier = pageInfo.hasPreviousPage;
    // Behind what is shown, also while it is held: whoever scrolled there asked for it.
    this.#show([...this.#rows, ...older.toReversed().slice(0, taken)]);
  }

  /** Events that happened in the minute before an instant. */
  inMinuteBefore(nowMs: number): Minute {
    return minuteBefore(this.#buffer.newestFirst(), nowMs, !this.#hasEarlier && !this.#buffer.hasDropped);
  }

  /** Asked at least once a connection. */
  #variables(): { after: string | null; filter: ReturnType<typeof feedApiFilter> } {
    const { returns } = this.#deps.live.link;
    if (returns !== this.#returns) this.#beginCatchUp(returns);
    this.#returns = returns;
    return { after: this.#after, filter: this.#filter };
  }

  #take(edge: FeedEdge): void {
    if (edge.gap?.restored === true) return this.#restored();
    this.#after = edge.cursor;
    if (this.#failure !== undefined) this.#goOn();
    const row = rowOf(edge, this.#catchUp !== undefined && edge.replayed);
    const isNew = row !== undefined && this.#buffer.add(row);
    if (isNew && row.kind === "event") {
      this.#waiting += 1;
      if (row.fetched) this.#catchUp?.count();
    }
    // The hub goes live only behind everything it has.
    if (edge.cursor === this.#catchUp?.target || !edge.replayed) this.#endCatchUp(true);
    if (isNew) this.#paintSoon();
  }

  #beginCatchUp(returns: number): void {
    // Lost again before it was done: the rest comes behind the new hole.
    this.#endCatchUp(false);
    const { clock, link } = this.#deps.live;
    const backAtMs = clock.exactMs();
    const lostAtMs = Math.min(backAtMs, link.staleSinceMs ?? backAtMs);
    const key = `hole ${returns}`;
    this.#catchUp = new CatchUp({ key, lostAtMs, backAtMs, done: link.catchingUp() });
    this.#buffer.add(this.#catchUp.hole);
    this.#paintSoon();
    void this.#findTarget(key);
  }

  /** Where the newest event stands: come so far, and everything is fetched. Should nobody answer, a beat tells it too. */
  async #findTarget(key: string): Promise<void> {
    const answer = await this.#deps.live.request(NEWEST_EVENT, { filter: this.#filter });
    if (this.#catchUp?.hole.key !== key || !answer.ok) return;
    const target = answer.value.recentDoorEvents.edges.at(-1)?.cursor;
    if (target === undefined || this.#buffer.has(target)) this.#endCatchUp(true);
    else this.#catchUp.target = target;
  }

  #endCatchUp(isWhole: boolean): void {
    if (this.#catchUp === undefined) return;
    this.#lastHole = this.#catchUp.end(isWhole);
    this.#buffer.replace(this.#lastHole);
    this.#catchUp = undefined;
    this.#paintSoon();
  }

  #fail(failure: GraphqlFailure): void {
    if (RESTORED.has(failure.code)) return this.#beginAnew();
    // Any other stream is taken up again behind the last event, and so is the catching up.
    if (failure.kind === "signed-out") this.#endCatchUp(false);
    this.#catchUp?.letGo();
    this.#failure = failure;
    this.#paintSoon();
  }

  /** Something came again on a stream that had failed. */
  #goOn(): void {
    this.#failure = undefined;
    this.#catchUp?.goOn(this.#deps.live.link.catchingUp());
    this.#paintSoon();
  }

  /** The hub's first word is that the journal was restored; everything that it keeps would follow. */
  #restored(): void {
    this.#beginAnew();
    this.#stream?.again();
  }

  /** No place of the old journal means anything in the restored one: neither where to go on nor what lies further back. */
  #beginAnew(): void {
    this.#endCatchUp(false);
    this.#after = null;
    this.#start = null;
    this.#hasEarlier = false;
    this.#earlierFailure = undefined;
    this.#restorations += 1;
    this.#buffer.add({ kind: "restored", key: `restored ${this.#restorations}` });
    this.#paintSoon();
  }

  #show(rows: readonly FeedRow[]): void {
    this.#rows = rows;
    const isCut = this.#hasEarlier || this.#buffer.hasDropped;
    const whole = isCut ? wholeSeconds(rows) : rows;
    this.#items = collapse(whole.length > 0 ? whole : rows);
    this.#isWhole = whole.length > 0;
  }

  /** A page may hold less than the one second it is about, which then is told in part; the rest is fetched at once. */
  async #completeSecond(): Promise<void> {
    while (!this.#isWhole && this.view.hasEarlier) {
      const before = this.#start;
      await this.fetchEarlier();
      if (this.#start === before) return;
    }
  }

  #paintSoon(): void {
    const pauseMs = this.#catchUp === undefined ? PICTURE_PAUSE_MS : FETCHING_PAUSE_MS;
    this.#cancelPaint ??= this.#deps.beforePaint(() => {
      this.#cancelPaint = undefined;
      if (this.#catchUp !== undefined) this.#buffer.replace(this.#catchUp.hole);
      if (!this.#pause.isOn) {
        this.#show(this.#buffer.newestFirst());
        this.#waiting = 0;
      }
      this.#deps.changed();
    }, pauseMs);
  }
}

function rowsOf(edges: readonly FeedEdge[]): readonly FeedRow[] {
  return edges.flatMap((edge) => rowOf(edge, false) ?? []);
}
