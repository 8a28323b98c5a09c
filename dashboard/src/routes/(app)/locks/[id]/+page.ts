import { showFailure } from "#lib/frame/show-failure.ts";
import { loadLock } from "#lib/passport/load-passport.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  await parent();
  const loaded = await loadLock(fetch, params.id);
  if (!loaded.ok) showFailure(loaded.failure, url);
  return { passport: loaded.value };
};
