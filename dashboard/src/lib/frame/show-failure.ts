import { error, redirect } from "@sveltejs/kit";
import type { GraphqlFailure } from "../graphql/index.ts";

const STATUS = {
  "signed-out": 401,
  unreachable: 503,
  unavailable: 503,
  forbidden: 403,
  "not-found": 404,
  invalid: 400,
  limited: 429,
  broken: 500,
} as const satisfies Record<GraphqlFailure["kind"], number>;

/** Ends a `load` with the page for this failure; who is not signed in goes to sign in and comes back. */
export function showFailure({ kind, code, message }: GraphqlFailure, url: URL): never {
  if (kind === "signed-out") redirect(303, signInPath(url));
  error(STATUS[kind], { code, message });
}

/** The way to sign in and then back to this page. */
export function signInPath({ pathname, search }: { readonly pathname: string; readonly search: string }): string {
  return pathname === "/" && search === "" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(pathname + search)}`;
}

/** Where to go after signing in: a path of our own, whatever was asked for. */
export function localPath(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next)) return "/";
  const base = "http://portner.invalid";
  if (!URL.canParse(next, base)) return "/";
  const { origin, pathname, search } = new URL(next, base);
  return origin === base ? pathname + search : "/";
}
