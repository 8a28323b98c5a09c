import { DISTRICTS } from "#lib/feed/documents.ts";
import { feedFilterIn } from "#lib/feed/filter.ts";
import { loadFeed } from "#lib/feed/load-feed.ts";
import { showFailure } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, url, parent }) => {
  await parent();
  const filter = feedFilterIn(url.searchParams);
  const before = url.searchParams.get("before");
  const [feed, named] = await Promise.all([loadFeed(fetch, filter, { before }), request(fetch, DISTRICTS, {})]);
  if (!feed.ok) showFailure(feed.failure, url);
  if (!named.ok) showFailure(named.failure, url);
  return { filter, isPast: before !== null, feed: feed.value, districts: named.value.districts };
};
