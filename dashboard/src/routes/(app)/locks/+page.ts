import { showFailure } from "#lib/frame/show-failure.ts";
import { loadLocks } from "#lib/locks/load-locks.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, url, parent }) => {
  await parent();
  const loaded = await loadLocks(fetch, url.searchParams);
  if (!loaded.ok) showFailure(loaded.failure, url);
  return { list: loaded.value };
};
