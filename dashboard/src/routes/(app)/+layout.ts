import { redirect } from "@sveltejs/kit";
import { showFailure, signInPath } from "#lib/frame/show-failure.ts";
import { request } from "#lib/graphql/index.ts";
import { VIEWER, type Viewer } from "#lib/viewer/viewer.ts";
import type { LayoutLoad } from "./$types";

export const load: LayoutLoad = async ({ fetch, url }): Promise<{ viewer: Viewer }> => {
  const answer = await request(fetch, VIEWER, {});
  if (!answer.ok) showFailure(answer.failure, url);
  const { viewer } = answer.value;
  if (viewer?.__typename !== "AccountViewer") redirect(303, signInPath(url));
  const { id, name, municipality } = viewer;
  return { viewer: { id, name, municipality, roles: viewer.roles.map(({ role }) => role) } };
};
