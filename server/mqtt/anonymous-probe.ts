import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { EndpointFailure } from "./endpoint.ts";
import { openLink } from "./link.ts";

/** The broker lets in whoever comes. A hub refuses to serve over it. */
export type AnonymousBroker = { readonly code: "BROKER_ANONYMOUS" };

/**
 * Knocks at the broker without credentials. `refused` is what a hub wants to hear; `unreachable` proves nothing, so
 * ask again once the broker answers.
 */
export function refuseAnonymousBroker(
  url: string,
  ca?: string,
): Promise<Result<"refused" | "unreachable", AnonymousBroker | EndpointFailure>> {
  const endpoint = parseEndpoint(url);
  if (!endpoint.ok) return Promise.resolve(endpoint);
  return new Promise((resolve) => {
    const link = openLink(
      { endpoint: endpoint.value, filters: [], ...(ca !== undefined && { ca }) },
      {
        ready: () => {
          resolve(fail({ code: "BROKER_ANONYMOUS" }));
          link.close();
        },
        lost: (reason) => resolve(ok(reason === "REFUSED" ? "refused" : "unreachable")),
        message: () => undefined,
      },
    );
  });
}
