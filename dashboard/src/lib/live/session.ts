import {
  openSocket,
  request,
  type Document,
  type Fetch,
  type GraphqlFailure,
  type GraphqlSocket,
} from "../graphql/index.ts";
import type { RequestOptions, Result, SubscriptionEvents } from "../graphql/index.ts";
import type { LiveClock } from "./clock.svelte.ts";
import type { Link } from "./link.svelte.ts";

const TICK_MS = 1_000;
/** How often the hub's time is asked for while nothing else gives reason to. */
const TIME_AGAIN_MS = 5 * 60_000;
/** An answer that takes this long says little of the time. */
const TIME_ANSWER_MS_MAX = 5_000;

/** What a live session needs of the browser. */
export interface LiveSessionDeps {
  readonly clock: LiveClock;
  readonly link: Link;
  readonly fetch: Fetch;
  readonly monotonic: () => number;
  readonly chance: () => number;
}

/** A page's conversation with the hub: requests, subscriptions, time, and how the line is. */
export class LiveSession {
  readonly clock: LiveClock;
  readonly link: Link;
  readonly #deps: LiveSessionDeps;
  #socket: GraphqlSocket | undefined;
  readonly #waiting = new Set<(socket: GraphqlSocket) => void>();

  constructor(deps: LiveSessionDeps) {
    this.#deps = deps;
    this.clock = deps.clock;
    this.link = deps.link;
  }

  /** Sends a query or mutation. A session that has ended is told to the whole page. */
  async request<Data, Variables>(
    document: Document<Data, Variables>,
    variables: Variables,
    options?: RequestOptions,
  ): Promise<Result<Data, GraphqlFailure>> {
    const result = await request(this.#deps.fetch, document, variables, options);
    if (!result.ok && result.failure.kind === "signed-out") this.link.signedOut();
    return result;
  }

  /**
   * Subscribes for as long as the answer is not called; on the server it does nothing. After a lost line it goes on by
   * itself, with what `variables` gives then.
   */
  subscribe<Data, Variables extends object>(
    document: Document<Data, Variables>,
    variables: () => Variables,
    events: SubscriptionEvents<Data>,
  ): () => void {
    let stop: () => void = () => undefined;
    const begin = (socket: GraphqlSocket): void => {
      stop = socket.subscribe(document, variables, events);
    };
    if (this.#socket === undefined) this.#waiting.add(begin);
    else begin(this.#socket);
    return () => {
      this.#waiting.delete(begin);
      stop();
    };
  }

  /** Opens the line and keeps the clock going, in a browser. Gives back what ends both. */
  start(page: Window): () => void {
    const { clock, link, monotonic, chance } = this.#deps;
    const scheme = page.location.protocol === "https:" ? "wss" : "ws";
    const socket = openSocket(
      { url: `${scheme}://${page.location.host}/graphql`, monotonic, chance },
      {
        trying: () => link.trying(monotonic()),
        connected: () => {
          link.connected(monotonic());
          this.#askTimeAnew();
        },
        frame: () => link.frame(monotonic(), clock.exactMs()),
        delay: (durationMs) => (link.delayMs = durationMs),
        lost: () => link.lost(clock.exactMs()),
        signedOut: () => link.signedOut(),
      },
    );
    this.#socket = socket;
    for (const begin of this.#waiting) begin(socket);
    this.#waiting.clear();
    const ticks = setInterval(() => {
      clock.tick();
      if (link.tick(monotonic(), clock.exactMs())) socket.renew();
    }, TICK_MS);
    const times = setInterval(() => this.#askTime(), TIME_AGAIN_MS);
    const unhear = this.#hearPage(page, socket);
    return () => {
      clearInterval(ticks);
      clearInterval(times);
      unhear();
      this.#socket = undefined;
      socket.close();
    };
  }

  #hearPage(page: Window, socket: Pick<GraphqlSocket, "renew">): () => void {
    const hearing = new AbortController();
    const { signal } = hearing;
    const network = (): void => {
      const hasNetwork = page.navigator.onLine;
      this.link.network(hasNetwork, this.clock.exactMs());
      // The socket may have outlived the gap, or hang in it: only a new one says for certain that the line is whole.
      if (hasNetwork) socket.renew();
    };
    const seen = (): void => {
      if (page.document.visibilityState === "visible") this.#askTimeAnew();
    };
    page.addEventListener("online", network, { signal });
    page.addEventListener("offline", network, { signal });
    page.document.addEventListener("visibilitychange", seen, { signal });
    return () => hearing.abort();
  }

  /** The machine may have slept, and its monotonic clock with it: what was known of the time counts no longer. */
  #askTimeAnew(): void {
    this.clock.doubt();
    this.#askTime();
  }

  #askTime(): void {
    const { fetch, monotonic, clock } = this.#deps;
    const askedAt = monotonic();
    fetch("/clock", { signal: AbortSignal.timeout(TIME_ANSWER_MS_MAX) })
      .then((response) => response.json())
      .then(
        (hubMs: unknown) => {
          const tookMs = monotonic() - askedAt;
          this.link.delayMs ??= tookMs;
          if (typeof hubMs === "number") clock.correct(hubMs, tookMs);
        },
        // The line's own state tells that the hub is away.
        () => undefined,
      );
  }
}
