import type { RequestEvent } from "@sveltejs/kit";

/** Answers a GraphQL request as whoever sent `event`: by the hub around us, or under `vite dev` over its proxy. */
export function answerGraphql(event: RequestEvent, request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set("origin", event.url.origin);
  const cookie = event.request.headers.get("cookie");
  if (cookie !== null) headers.set("cookie", cookie);
  const asked = new Request(request, { headers });
  return event.platform?.req.answerGraphql?.(asked) ?? fetch(asked);
}
