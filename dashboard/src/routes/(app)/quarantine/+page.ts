import { showFailure } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import { loadQuarantine } from "#lib/quarantine/load-quarantine.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, url, parent }) => {
  await parent();
  const after = url.searchParams.get("after");
  const answer = await loadQuarantine((document, variables) => request(fetch, document, variables), after);
  if (!answer.ok) showFailure(answer.failure, url);
  return { after, quarantine: answer.value };
};
