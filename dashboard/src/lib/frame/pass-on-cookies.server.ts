import type { Cookies } from "@sveltejs/kit";
import type { Fetch } from "../graphql/index.ts";

/** A `fetch` that hands what the hub sets in its answer, the session, on to the browser. */
export function passOnCookies(fetch: Fetch, cookies: Cookies): Fetch {
  return async (input, init) => {
    const response = await fetch(input, init);
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=", 2);
      const age = attributes.find((attribute) => attribute.startsWith("Max-Age="));
      cookies.set(name, value, {
        path: "/",
        httpOnly: true,
        sameSite: "strict",
        secure: attributes.includes("Secure"),
        maxAge: Number(age?.slice("Max-Age=".length) ?? 0),
        encode: (text) => text,
      });
    }
    return response;
  };
}
