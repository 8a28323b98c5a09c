import fc from "fast-check";
import { expect, test } from "vitest";
import { failureOf, UNREACHABLE, type GraphqlFailure } from "../graphql/failure.ts";
import type { SubscriptionEvents } from "../graphql/index.ts";
import type { LiveSession } from "../live/session.ts";
import type { FeedEdge } from "./documents.ts";
import { BUFFER_ROWS_MAX } from "./feed-buffer.ts";
import { Feed } from "./feed.ts";
import { beatAt, edgeAt } from "./feed-examples.ts";
import type { FeedRow } from "./feed-row.ts";
import { NO_FILTER } from "./filter.ts";

/** A hub with a journal, and a line to it that can be cut at any place. */
class StandInHub {
  readonly journal: FeedEdge[] = [];
  nowMs = 0;
  behind = 0;
  isUp = true;
  paints: (() => void)[] = [];
  /** Places that the stream was asked for behind. */
  readonly asked: (string | null | undefined)[] = [];
  /** Whether questions are answered. */
  isAnswering = true;
  /** Asks for the stream again, once its pause is over. */
  later: () => void = () => undefined;
  #next: ((edge: FeedEdge) => void) | undefined;
  #ended: (failure: GraphqlFailure) => void = () => undefined;
  #variables: (() => { readonly after?: string | null }) | undefined;
  #answers: (() => void)[] = [];

  readonly live = {
    subscribe: ((_document: unknown, variables: () => object, events: SubscriptionEvents<unknown>) => {
      this.#variables = variables;
      this.#ended = (failure) => events.ended(failure);
      this.#next = (edge) => events.next({ doorEvents: edge });
      this.connect();
      return () => (this.#next = undefined);
    }) satisfies (...args: never[]) => unknown,
    request: () =>
      new Promise((resolve) => {
        this.#answers.push(() => {
          const edges = this.journal.slice(-1);
          const pageInfo = { startCursor: null, hasPreviousPage: false };
          if (this.isAnswering) resolve({ ok: true, value: { recentDoorEvents: { edges, pageInfo } } });
          else resolve({ ok: false, failure: UNREACHABLE });
        });
      }),
    clock: { exactMs: () => this.nowMs },
    link: {
      staleSinceMs: 0,
      returns: 0,
      catchingUp: () => {
        this.behind += 1;
        return () => (this.behind -= 1);
      },
    },
  };

  /** The line is up: what lies behind the cursor comes again, up to `cutAfter` edges. */
  connect(cutAfter = Number.POSITIVE_INFINITY): void {
    if (!this.isUp) this.live.link.returns += 1;
    this.isUp = true;
    const { after } = this.#variables?.() ?? {};
    this.asked.push(after);
    if (after === null) return;
    const from = this.journal.findIndex(({ cursor }) => cursor === after) + 1;
    for (const edge of this.journal.slice(from, from + cutAfter)) this.#next?.({ ...edge, replayed: true });
    if (from + cutAfter < this.journal.length) this.isUp = false;
  }

  /** Records events; only a line that is up hears of them. */
  record(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const edge = edgeAt(this.journal.length + 1);
      this.journal.push(edge);
      if (this.isUp) this.#next?.(edge);
    }
  }

  cut(): void {
    this.isUp = false;
  }

  /** Says one edge, whatever the journal holds. */
  say(edge: FeedEdge): void {
    this.#next?.(edge);
  }

  /** The hub ends the stream, over a line that is whole. */
  end(failure: GraphqlFailure): void {
    this.#ended(failure);
  }

  beat(): void {
    this.#next?.(beatAt(this.journal.length));
  }

  /** The answers that wait, and whatever follows from them. */
  async answer(): Promise<void> {
    for (const answer of this.#answers.splice(0)) answer();
    await Promise.resolve();
    await Promise.resolve();
  }

  paint(): void {
    for (const run of this.paints.splice(0)) run();
  }
}

function feedOf(hub: StandInHub, hasEarlier = false): Feed {
  const page = {
    edges: [...hub.journal],
    subscribeAfter: `j1.${hub.journal.length}`,
    startCursor: null,
    hasEarlier,
  };
  // Only what a feed uses is there; the types of the rest are the session's own business.
  const live: unknown = hub.live;
  if (!isLive(live)) return expect.unreachable("no session");
  return new Feed(page, NO_FILTER, {
    live,
    beforePaint: (run) => {
      hub.paints.push(run);
      return () => (hub.paints = hub.paints.filter((each) => each !== run));
    },
    after: (_delayMs, run) => {
      hub.later = run;
      return () => (hub.later = () => undefined);
    },
    changed: () => undefined,
  });
}

function isLive(value: unknown): value is Pick<LiveSession, "subscribe" | "request" | "clock" | "link"> {
  return typeof value === "object" && value !== null && "subscribe" in value;
}

/** Cursors of the events that are shown, unfolded, newest first. */
function shown(feed: Feed): string[] {
  return feed.view.items
    .flatMap((item): readonly FeedRow[] => (item.kind === "group" ? item.rows : [item]))
    .flatMap((item) => (item.kind === "event" ? item.key : []));
}

const all = (hub: StandInHub): string[] => hub.journal.map(({ cursor }) => cursor).toReversed();
const holes = (feed: Feed) => feed.view.items.filter((item) => item.kind === "hole");

test("over lines cut anywhere, again and again, a feed shows the journal: nothing lost, nothing doubled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.option(fc.nat(6))), { maxLength: 12 }),
      async (lives) => {
        const hub = new StandInHub();
        hub.record(1);
        const feed = feedOf(hub);
        const stop = feed.start();
        for (const [heard, missed, cutAfter] of lives) {
          hub.record(heard);
          hub.cut();
          hub.record(missed);
          hub.connect(cutAfter ?? Number.POSITIVE_INFINITY);
        }
        hub.connect();
        await hub.answer();
        hub.paint();
        expect(shown(feed)).toEqual(all(hub));
        expect(hub.behind).toBe(0);
        stop();
      },
    ),
  );
});

test("a hole says how long it was and how many events were fetched behind it", async () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.record(1);
  hub.live.link.staleSinceMs = 1_000;
  hub.nowMs = 15_000;
  hub.cut();
  hub.record(3);
  hub.connect();
  hub.paint();
  expect(hub.behind).toBe(1);
  expect(holes(feed)).toMatchObject([{ lostAtMs: 1_000, backAtMs: 15_000, fetched: 3, isWhole: false }]);
  await hub.answer();
  hub.paint();
  expect(holes(feed)).toMatchObject([{ fetched: 3, isWhole: true }]);
  expect(feed.view.items.map(({ kind }) => kind)).toEqual(["event", "event", "event", "hole", "event"]);
  expect(hub.behind).toBe(0);
});

test("a hole whose fetching was cut off by a failure is fetched on, and is whole only with all of it", async () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.cut();
  hub.record(50);
  hub.connect(10);
  hub.isUp = true;
  await hub.answer();
  hub.end(failureOf("INTERNAL", ""));
  hub.paint();
  expect(holes(feed)).toMatchObject([{ fetched: 10, isFetching: true, isWhole: false }]);
  // What has failed is told by the feed itself; the page's line is whole, and the rest of it goes on.
  expect(hub.behind).toBe(0);
  hub.later();
  hub.paint();
  expect(holes(feed)).toMatchObject([{ fetched: 50, isFetching: false, isWhole: true }]);
  expect([shown(feed), hub.behind]).toEqual([all(hub), 0]);
});

test.each<[string, (hub: StandInHub, stop: () => void) => void]>([
  ["the line is lost again", (hub) => hub.connect()],
  ["the journal is restored", (hub) => hub.end(failureOf("JOURNAL_RESTORED", ""))],
  ["the session ends", (hub) => hub.end(failureOf("SESSION_EXPIRED", ""))],
  ["the page goes", (_, stop) => stop()],
])("a hole is never told as whole when %s before all of it is fetched", (_, breakOff) => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  const stop = feed.start();
  hub.cut();
  hub.record(50);
  hub.connect(10);
  breakOff(hub, stop);
  hub.paint();
  expect(holes(feed).at(-1) ?? feed.view.lastHole).toMatchObject({ fetched: 10, isFetching: false, isWhole: false });
});

test("where nobody says where the newest event stands, a beat ends the catching up", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.cut();
  hub.record(1);
  hub.connect();
  expect(hub.behind).toBe(1);
  hub.beat();
  hub.paint();
  expect(hub.behind).toBe(0);
  expect(holes(feed)).toMatchObject([{ fetched: 1, isWhole: true }]);
});

test("while it is held a feed counts what comes and shows nothing of it; then all at once", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.record(1);
  hub.paint();
  feed.hold("hover", true);
  feed.hold("focus", true);
  hub.record(37);
  hub.paint();
  expect(feed.view).toMatchObject({ isPaused: true, waiting: 37 });
  expect(shown(feed)).toHaveLength(1);
  feed.hold("hover", false);
  hub.paint();
  expect(feed.view.isPaused).toBe(true);
  feed.release();
  hub.paint();
  expect(feed.view).toMatchObject({ isPaused: false, waiting: 0 });
  expect(shown(feed)).toEqual(all(hub));
});

test("a stream that the hub ended is taken up again behind the last event, and counts as ended until something comes", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  const stop = feed.start();
  hub.record(1);
  hub.end(failureOf("HUB_OUTDATED", "a newer hub wrote this"));
  hub.record(2);
  hub.paint();
  expect(feed.view.failure).toMatchObject({ code: "HUB_OUTDATED" });
  expect(shown(feed)).toHaveLength(1);
  hub.later();
  hub.paint();
  expect(feed.view.failure).toBeUndefined();
  expect(shown(feed)).toEqual(all(hub));
  stop();
});

test("events of hours ago that come now are not of this minute", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.nowMs = 7_200_000;
  hub.journal.push(edgeAt(1, { receivedMs: hub.nowMs, lateMs: hub.nowMs }), edgeAt(2, { receivedMs: hub.nowMs }));
  hub.cut();
  hub.connect();
  hub.paint();
  expect(feed.inMinuteBefore(hub.nowMs).count).toBe(1);
});

test("a minute is told as at least so many where rows were let go, or a time without a line is not whole", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.nowMs = 1_000;
  for (let n = 1; n <= BUFFER_ROWS_MAX; n += 1) hub.say(edgeAt(n, { receivedMs: hub.nowMs }));
  expect(feed.inMinuteBefore(hub.nowMs)).toEqual({ count: BUFFER_ROWS_MAX, isWhole: true });
  hub.say(edgeAt(BUFFER_ROWS_MAX + 1, { receivedMs: hub.nowMs }));
  expect(feed.inMinuteBefore(hub.nowMs)).toEqual({ count: BUFFER_ROWS_MAX, isWhole: false });
  const cut = new StandInHub();
  const other = feedOf(cut);
  other.start();
  cut.cut();
  cut.record(3);
  cut.connect(2);
  expect(other.inMinuteBefore(cut.nowMs)).toEqual({ count: 2, isWhole: false });
});

test("what can no longer be replayed is a line of its own", () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.cut();
  hub.journal.push({ ...beatAt(1), gap: { oldest: "j1.90", restored: false } });
  hub.connect();
  hub.paint();
  expect(feed.view.items.map(({ kind }) => kind)).toEqual(["gap", "hole"]);
});

test.each(["JOURNAL_RESTORED", "CURSOR_IN_FUTURE"])(
  "a journal that was restored is told once, in its place, and followed from now on (%s)",
  (code) => {
    const hub = new StandInHub();
    hub.record(2);
    const feed = feedOf(hub);
    feed.start();
    expect(hub.asked).toEqual(["j1.2"]);
    hub.end(failureOf(code, ""));
    hub.later();
    expect(hub.asked).toEqual(["j1.2", null]);
    // The restored journal has its own numbers; those that the page held are nothing there.
    hub.say({ ...edgeAt(1), cursor: "j2.1" });
    hub.cut();
    hub.connect();
    hub.paint();
    expect(hub.asked.at(-1)).toBe("j2.1");
    expect(feed.view.failure).toBeUndefined();
    expect(feed.view.hasEarlier).toBe(false);
    const kinds = feed.view.items.map(({ kind }) => kind).filter((kind) => kind !== "hole");
    expect(kinds).toEqual(["event", "restored", "event", "event"]);
  },
);

test("a journal that was restored while the line was away is not replayed: it is told, and followed from now on", () => {
  const hub = new StandInHub();
  hub.record(2);
  const feed = feedOf(hub);
  feed.start();
  hub.cut();
  hub.connect();
  hub.say({ ...beatAt(0), cursor: "j2.0", replayed: true, gap: { oldest: "j2.1", restored: true } });
  expect(hub.asked.at(-1)).toBeNull();
  hub.paint();
  const kinds = feed.view.items.map(({ kind }) => kind).filter((kind) => kind !== "hole");
  expect([kinds, feed.view.isRestored, hub.behind]).toEqual([["restored", "event", "event"], true, 0]);
});

test("older events that could not be fetched are told as that, and can be asked for again", async () => {
  const hub = new StandInHub();
  const feed = feedOf(hub, true);
  hub.record(1);
  hub.isAnswering = false;
  const failing = feed.fetchEarlier();
  await hub.answer();
  await failing;
  expect(feed.view).toMatchObject({ earlierFailure: { code: "UNREACHABLE" }, hasEarlier: true, isRestored: false });
  hub.isAnswering = true;
  const again = feed.fetchEarlier();
  await hub.answer();
  await again;
  expect(feed.view).toMatchObject({ earlierFailure: undefined, hasEarlier: false });
  expect(shown(feed)).toEqual(["j1.1"]);
});

test("behind a restored journal nothing counts as the oldest, nor does an answer of the old one", async () => {
  const hub = new StandInHub();
  const feed = feedOf(hub, true);
  feed.start();
  hub.record(1);
  hub.paint();
  const older = feed.fetchEarlier();
  hub.journal.push(edgeAt(90));
  hub.end(failureOf("JOURNAL_RESTORED", ""));
  await hub.answer();
  await older;
  hub.paint();
  expect(feed.view).toMatchObject({ hasEarlier: false, isRestored: true });
  expect(shown(feed)).toEqual(["j1.1"]);
});

test("five thousand missed events leave the newest two thousand, whole and in order", async () => {
  const hub = new StandInHub();
  const feed = feedOf(hub);
  feed.start();
  hub.cut();
  hub.record(5_000);
  hub.connect();
  await hub.answer();
  hub.paint();
  // The oldest of the two thousand may be half of its second, and is not told.
  expect(shown(feed)).toEqual(all(hub).slice(0, 1_999));
  expect(feed.view.isFull).toBe(true);
});
