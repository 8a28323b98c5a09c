import { request, type Fetch, type GraphqlFailure, type Result } from "../graphql/index.ts";
import { RECENT_EVENTS } from "./documents.ts";
import { PAGE_EVENTS, type FeedPage } from "./feed.ts";
import { feedApiFilter, type FeedFilter } from "./filter.ts";

/** Loads the newest events, or those before a cursor, for a page's `load`. */
export async function loadFeed(
  fetch: Fetch,
  filter: FeedFilter,
  { before = null, last = PAGE_EVENTS }: { readonly before?: string | null; readonly last?: number } = {},
): Promise<Result<FeedPage, GraphqlFailure>> {
  const answer = await request(fetch, RECENT_EVENTS, { last, before, filter: feedApiFilter(filter) });
  if (!answer.ok) return answer;
  const { edges, subscribeAfter, pageInfo } = answer.value.recentDoorEvents;
  const { startCursor, hasPreviousPage: hasEarlier } = pageInfo;
  return { ok: true, value: { edges, subscribeAfter, startCursor, hasEarlier } };
}
