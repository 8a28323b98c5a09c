import { showFailure } from "#lib/frame/show-failure.ts";
import { loadLocks } from "#lib/locks/load-locks.ts";
import { seesBatteries } from "#lib/viewer/pages.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, url, parent }) => {
  const { viewer } = await parent();
  const loaded = await loadLocks(fetch, url.searchParams, seesBatteries(viewer.roles));
  if (!loaded.ok) showFailure(loaded.failure, url);
  return { list: loaded.value };
};
