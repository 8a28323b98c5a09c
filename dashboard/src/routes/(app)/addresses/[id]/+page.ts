import { showFailure } from "#lib/frame/show-failure.ts";
import { loadAddress } from "#lib/passport/load-passport.ts";
import type { PageLoad } from "./$types";

export const load: PageLoad = async ({ fetch, params, url, parent }) => {
  await parent();
  const loaded = await loadAddress(fetch, params.id);
  if (!loaded.ok) showFailure(loaded.failure, url);
  return { passport: loaded.value };
};
