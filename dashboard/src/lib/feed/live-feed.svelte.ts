import type { LiveSession } from "../live/index.ts";
import { Feed, type FeedPage, type FeedView } from "./feed.ts";
import type { FeedFilter } from "./filter.ts";
import { createPainter } from "./painter.ts";

/** A feed whose picture a component follows. */
export class LiveFeed {
  readonly feed: Feed;
  #version = $state.raw(0);

  constructor(page: FeedPage, filter: FeedFilter, live: LiveSession) {
    const painter = createPainter();
    this.feed = new Feed(page, filter, {
      live,
      beforePaint: (run, pauseMs) => painter.ask(run, pauseMs),
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => clearTimeout(timer);
      },
      changed: () => (this.#version += 1),
    });
  }

  /** What the feed shows now. */
  get view(): FeedView {
    void this.#version;
    return this.feed.view;
  }
}
