import type { LiveSession } from "../live/index.ts";
import { beforePaint } from "./browser-frame.ts";
import { Feed, type FeedPage, type FeedView } from "./feed.ts";
import type { FeedFilter } from "./filter.ts";

/** A feed whose picture a component follows. */
export class LiveFeed {
  readonly feed: Feed;
  view: FeedView = $state.raw({
    ...{ items: [], waiting: 0, isPaused: false, hasEarlier: false, isFull: false, failure: undefined },
  });

  constructor(page: FeedPage, filter: FeedFilter, live: LiveSession) {
    this.feed = new Feed(page, filter, { live, beforePaint, changed: () => (this.view = this.feed.view) });
    this.view = this.feed.view;
  }
}
