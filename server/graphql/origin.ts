import type { IncomingMessage } from "node:http";

/** Origins besides the hub's own host that browsers may call from, such as `https://drift.fjordby.dk`. */
export type AllowedOrigins = ReadonlySet<string>;

/** What the request's headers say of the page behind it. `absent`: no browser, or one that says nothing. */
export type Provenance = "own" | "foreign" | "absent";

/**
 * Where a request comes from. `Origin` decides where it is sent, else `Sec-Fetch-Site`. The own host is the one the
 * client spoke to (`Host`), whatever the scheme: a proxy may end TLS before us.
 */
export function provenance(request: IncomingMessage, allowed: AllowedOrigins): Provenance {
  const { origin, host } = request.headers;
  if (origin !== undefined) {
    if (allowed.has(origin)) return "own";
    return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase()
      ? "own"
      : "foreign";
  }
  const site = request.headers["sec-fetch-site"];
  if (site === undefined) return "absent";
  // `none`: the user typed the address; that can only be a GET.
  return site === "same-origin" || (site === "none" && request.method === "GET") ? "own" : "foreign";
}
