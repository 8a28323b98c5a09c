import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pathToFileURL } from "node:url";
import type { GraphqlEndpoint } from "../graphql/endpoint.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { answerInProcess } from "./dashboard-graphql.ts";

/** Tells the built pages how the visitor came; whatever he sends under this name is replaced. */
const PROTOCOL_HEADER = "portner-protocol";

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => unknown;

/** The hub around the pages. */
export interface PagesHub {
  /** Nothing while the hub has not come up. */
  readonly endpoint: GraphqlEndpoint | undefined;
  /** Hub time in milliseconds: a machine's own clock may be off, and pages count ages by what they are told. */
  readonly nowMs: () => number;
}

/** The dashboard's pages, on the hub's own port. */
export interface Dashboard {
  /** Answers a request for a page or its assets. */
  handle(request: IncomingMessage, response: ServerResponse, hub: PagesHub): Promise<void>;
}

/** What the dashboard needs. */
export interface DashboardDeps {
  /** Whether visitors come over https, up to a proxy in front. */
  readonly secure: boolean;
  /** File of the built pages' handler, once it is there. */
  readonly built: Promise<string>;
  readonly log: Log;
}

/**
 * Opens the dashboard at once and loads it as soon as it is built: no door waits for pages.
 */
export function openDashboard(deps: DashboardDeps): Dashboard {
  const state: { handler?: Handler; failed?: boolean } = {};
  load(deps).then(
    (handler) => (state.handler = handler),
    (error: unknown) => {
      state.failed = true;
      deps.log.error({ error: String(error) }, "the dashboard can't be served; doors and the API are not touched");
    },
  );
  return {
    handle: async (request, response, { endpoint, nowMs }) => {
      const { handler } = state;
      if (handler === undefined || endpoint === undefined) return sendWaiting(response, state.failed === true);
      request.headers[PROTOCOL_HEADER] = deps.secure ? "https" : "http";
      const answerGraphql = (asked: Request) => answerInProcess(endpoint, request, asked);
      Object.assign(request, { answerGraphql, hubNowMs: nowMs });
      for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
      handler(request, response, () => response.writeHead(404).end());
    },
  };
}

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
  "permissions-policy": "camera=(), microphone=(), geolocation=()",
} as const;

async function load({ built }: DashboardDeps): Promise<Handler> {
  const path = await built;
  // Read by the build's own code when it is loaded, and by nothing else.
  process.env["DASH_PROTOCOL_HEADER"] = PROTOCOL_HEADER;
  const loaded: unknown = await import(pathToFileURL(path).href);
  if (!hasHandler(loaded)) throw new PortnerError("DASHBOARD_BUILD", "the dashboard's build has no handler");
  return loaded.handler;
}

function hasHandler(loaded: unknown): loaded is { readonly handler: Handler } {
  return typeof loaded === "object" && loaded !== null && "handler" in loaded && typeof loaded.handler === "function";
}

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:15vh auto;max-width:34rem;padding:0 1rem;color-scheme:light dark}";
const STYLE_HASH = createHash("sha256").update(STYLE).digest("base64");
const RENEW_SECONDS = 2;

function sendWaiting(response: ServerResponse, failed: boolean): void {
  const [da, en] = failed
    ? [
        "Siderne kan ikke vises; det står i hubbens log hvorfor. Døre og API virker.",
        "The pages can't be shown; the hub's log says why. Doors and the API work.",
      ]
    : ["Portner starter …", "Portner is starting …"];
  response.writeHead(503, {
    ...HEADERS,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
    "retry-after": String(RENEW_SECONDS),
  });
  response.end(
    `<!doctype html><html lang="da"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<meta http-equiv="refresh" content="${RENEW_SECONDS}"><title>Portner</title><style>${STYLE}</style></head>` +
      `<body><main><h1>${da}</h1><p lang="en">${en}</p></main></body></html>\n`,
  );
}
