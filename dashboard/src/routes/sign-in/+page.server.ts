import { fail, redirect } from "@sveltejs/kit";
import { passOnCookies } from "#lib/frame/pass-on-cookies.server.ts";
import { localPath } from "#lib/frame/show-failure.ts";
import { graphql, request } from "#lib/graphql/index.ts";
import { VIEWER } from "#lib/viewer/viewer.ts";
import type { Actions, PageServerLoad } from "./$types";

const SIGN_IN = graphql(`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) {
      __typename
      ... on UserError {
        code
        message
      }
    }
  }
`);

export const load: PageServerLoad = async ({ fetch, url }) => {
  const answer = await request(fetch, VIEWER, {});
  const isIn = answer.ok && answer.value.viewer?.__typename === "AccountViewer";
  const name = answer.ok && answer.value.viewer?.__typename === "AccountViewer" ? answer.value.viewer.name : undefined;
  return { next: localPath(url.searchParams.get("next")), signedInAs: isIn ? name : undefined };
};

export const actions: Actions = {
  default: async ({ request: submitted, fetch, cookies, url }) => {
    const form = await submitted.formData();
    const login = form.get("login")?.toString() ?? "";
    const password = form.get("password")?.toString() ?? "";
    const answer = await request(passOnCookies(fetch, cookies), SIGN_IN, { input: { login, password } });
    if (!answer.ok)
      return fail(answer.failure.kind === "invalid" ? 400 : 503, { login, code: answer.failure.code, minutes: 0 });
    const { signIn } = answer.value;
    if (signIn.__typename === "SignInSuccess") redirect(303, localPath(url.searchParams.get("next")));
    return fail(400, { login, code: signIn.code, minutes: Number(/(\d+) min/.exec(signIn.message)?.[1] ?? 0) });
  },
};
