import { showFailure } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import { KEPT_MESSAGES, QUARANTINED_LOCKS } from "#lib/quarantine/documents.ts";
import type { PageLoad } from "./$types";

/** Messages of one page: each is a thing to read, not a row to count. */
const PAGE_MESSAGES = 25;
/** Locks shown at once: more than these in quarantine are an incident of their own. */
const LOCKS_SHOWN = 50;

export const load: PageLoad = async ({ fetch, url, parent }) => {
  await parent();
  const after = url.searchParams.get("after");
  const [messages, locks] = await Promise.all([
    request(fetch, KEPT_MESSAGES, { first: PAGE_MESSAGES, after }),
    request(fetch, QUARANTINED_LOCKS, { first: LOCKS_SHOWN }),
  ]);
  if (!messages.ok) showFailure(messages.failure, url);
  if (!locks.ok) showFailure(locks.failure, url);
  const { edges, pageInfo } = messages.value.quarantinedMessages;
  const { totalCount, edges: held } = locks.value.locks;
  return { after, messages: edges, pageInfo, totalCount, locks: held.map(({ node }) => node) };
};
