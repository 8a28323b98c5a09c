import type { Handle, HandleFetch, HandleServerError } from "@sveltejs/kit/hooks";
import { paraglideMiddleware } from "#locale/server";
import { COOKIES, languageOf, themeOf } from "#lib/frame/preferences.ts";
import { answerGraphql } from "#lib/frame/answer-graphql.server.ts";

/** Language and theme are known before the first byte, so that no page flashes in the wrong one. */
export const handle: Handle = ({ event, resolve }) =>
  paraglideMiddleware(event.request, () => {
    const { cookies, locals } = event;
    locals.language = languageOf(cookies.get(COOKIES.language));
    locals.theme = themeOf(cookies.get(COOKIES.theme));
    locals.areSingleKeysOn = cookies.get(COOKIES.keys) !== "off";
    return resolve(event, {
      transformPageChunk: ({ html }) =>
        html.replace("%portner.language%", locals.language).replace("%portner.theme%", locals.theme),
    });
  });

/** The hub answers its own pages' GraphQL in the same process. */
export const handleFetch: HandleFetch = ({ event, request, fetch }) =>
  new URL(request.url).pathname === "/graphql" ? answerGraphql(event, request) : fetch(request);

/** Visitors get a code, never what broke. */
export const handleError: HandleServerError = ({ kind, error }) => {
  if (kind === "app") return { code: error.code };
  return { code: kind === "framework" && error.status === 404 ? "NOT_FOUND" : "INTERNAL" };
};
