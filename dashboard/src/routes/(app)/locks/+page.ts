import { showFailure } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import { apiFilter, filterIn, PAGE_ROWS } from "#lib/locks/filter.ts";
import { LOCKS } from "#lib/locks/list-documents.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, url, parent }) => {
  await parent();
  const filter = filterIn(url.searchParams);
  const after = url.searchParams.get("after");
  const answer = await request(fetch, LOCKS, { filter: apiFilter(filter), first: PAGE_ROWS, after });
  if (!answer.ok) showFailure(answer.failure, url);
  const { totalCount, edges, pageInfo } = answer.value.locks;
  return { filter, after, totalCount, rows: edges.map(({ node }) => node), pageInfo };
};
