import { redirect } from "@sveltejs/kit";
import { passOnCookies } from "#lib/frame/pass-on-cookies.server.ts";
import { showFailure } from "#lib/frame/show-failure.ts";
import { graphql, request } from "#lib/graphql/index.ts";
import type { Actions, PageServerLoad } from "./$types";

const SIGN_OUT = graphql(`
  mutation SignOut {
    signOut {
      __typename
    }
  }
`);

export const load: PageServerLoad = () => redirect(303, "/sign-in");

export const actions: Actions = {
  default: async ({ fetch, cookies, url }) => {
    const answer = await request(passOnCookies(fetch, cookies), SIGN_OUT, {});
    // Whoever is signed out already has what they want; but a hub that is away has ended nothing, and says so.
    if (!answer.ok && answer.failure.kind !== "signed-out") showFailure(answer.failure, url);
    redirect(303, "/sign-in");
  },
};
