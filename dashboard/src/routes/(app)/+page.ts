import { redirect } from "@sveltejs/kit";
import { ITEMS_SHOWN } from "#lib/console/attention.ts";
import { ATTENTION } from "#lib/console/documents.ts";
import { NO_FILTER } from "#lib/feed/filter.ts";
import { loadFeed } from "#lib/feed/load-feed.ts";
import { showFailure } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import { PAGE_PATHS, pagesOf } from "#lib/viewer/pages.ts";
import type { PageLoad } from "./$types";

/** Events that the narrow feed begins with. */
const FEED_EVENTS = 20;

export const load: PageLoad = async ({ fetch, url, parent }) => {
  const { viewer } = await parent();
  const pages = pagesOf(viewer.roles);
  const [own] = pages;
  // Who signs in lands here; whose work is elsewhere goes on to it.
  if (!pages.includes("console") && own !== undefined) redirect(303, PAGE_PATHS[own]);
  const [attention, feed] = await Promise.all([
    request(fetch, ATTENTION, { first: ITEMS_SHOWN }),
    loadFeed(fetch, NO_FILTER, { last: FEED_EVENTS }),
  ]);
  for (const each of [attention, feed]) {
    if (!each.ok && each.failure.kind === "signed-out") showFailure(each.failure, url);
  }
  return { attention: attention.ok ? { ok: true as const, value: attention.value.attention } : attention, feed };
};
