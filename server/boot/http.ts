import {
  createServer as createPlainServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createTlsServer } from "node:https";
import { once } from "node:events";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { GraphqlEndpoint } from "../graphql/endpoint.ts";
import { HTTP_SERVER_OPTIONS } from "../graphql/endpoint.ts";
import { graphiqlPage } from "../graphql/graphiql.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Dashboard } from "./dashboard.ts";
import type { Check } from "./readiness.ts";

/** A stopping hub lets requests under way end; nothing but an open stream takes longer. */
const CLOSE_MS_MAX = 3_000;

/** What the hub's port serves. */
export interface HttpSources {
  readonly version: string;
  readonly log: Log;
  /** Nothing until the hub has come up; GraphQL is answered with 503 until then. */
  readonly endpoint: () => GraphqlEndpoint | undefined;
  readonly sdl: () => string | undefined;
  readonly checks: () => readonly Check[];
  readonly metrics: () => Promise<string>;
  /** Pages for people, on every path that is nobody else's; absent: none are served. */
  readonly dashboard?: Dashboard | undefined;
  /** Hub time in milliseconds. */
  readonly nowMs: () => number;
}

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** PEM texts; with them https is spoken. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

/** The hub's open port. */
export interface HttpServer {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Thrown when the port can't be had. */
export class PortTakenError extends PortnerError {
  override readonly name = "PortTakenError";

  constructor(port: number, options?: ErrorOptions) {
    super("PORT_TAKEN", `port ${port} is taken; set PORT to another, or stop what uses it`, options);
  }
}

/** Opens the port and serves everything on it. Throws PortTakenError. */
export async function serveHttp(sources: HttpSources, options: ListenOptions): Promise<HttpServer> {
  const pages = routes(sources);
  const listener: RequestListener = (request, response) => {
    route(request, response, { sources, pages }).catch((error: unknown) => {
      const type = error instanceof Error ? error.name : typeof error;
      sources.log.error({ type, path: pathOf(request) }, "a request could not be answered");
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  };
  const server =
    options.tls === undefined
      ? createPlainServer(HTTP_SERVER_OPTIONS, listener)
      : createTlsServer({ ...HTTP_SERVER_OPTIONS, ...options.tls }, listener);
  server.on("upgrade", (request, socket, head) => upgrade(sources, request, socket, head));
  const port = await listen(server, options);
  const scheme = options.tls === undefined ? "http" : "https";
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { url: `${scheme}://${host}:${port}`, port, close: () => close(server) };
}

async function listen(server: Server, { host, port }: ListenOptions): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    throw taken ? new PortTakenError(port, { cause }) : cause;
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX);
  await closed;
  clearTimeout(timer);
}

function upgrade(sources: HttpSources, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const endpoint = sources.endpoint();
  if (pathOf(request) !== "/graphql") return refuse(socket, "404 Not Found");
  if (endpoint === undefined) return refuse(socket, "503 Service Unavailable");
  endpoint.upgrade(request, socket, head);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

interface Page {
  readonly type: string;
  readonly status?: number;
  readonly body: string;
}

type Pages = ReadonlyMap<string, (request: IncomingMessage) => Page | Promise<Page>>;

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cache-control": "no-store",
} as const;

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { sources, pages }: { readonly sources: HttpSources; readonly pages: Pages },
): Promise<void> {
  const path = pathOf(request);
  if (path === "/graphql") {
    const endpoint = sources.endpoint();
    return endpoint === undefined ? answerNotUp(response) : endpoint.handle(request, response);
  }
  const page = pages.get(path);
  if (page === undefined && sources.dashboard !== undefined) {
    return sources.dashboard.handle(request, response, { endpoint: sources.endpoint(), nowMs: sources.nowMs });
  }
  if (page === undefined) return send(response, { status: 404, type: "text/plain", body: "not found\n" });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return send(response, { status: 405, type: "text/plain", body: "only GET\n" });
  }
  send(response, await page(request));
}

function send(response: ServerResponse, page: Page): void {
  const { status = 200, type, body } = page;
  response.writeHead(status, { ...HEADERS, "content-type": `${type}; charset=utf-8` });
  response.end(body);
}

function answerNotUp(response: ServerResponse): void {
  const errors = [{ message: "the journal is away; nothing was done", extensions: { code: "JOURNAL_UNAVAILABLE" } }];
  response.setHeader("retry-after", "2");
  send(response, { status: 503, type: "application/json", body: JSON.stringify({ errors }) });
}

function routes(sources: HttpSources): Pages {
  let graphiql: string | undefined;
  const signpost = "Portner is here: /graphql, /graphiql, /graphql/schema.graphql, /readyz\n";
  return new Map<string, (request: IncomingMessage) => Page | Promise<Page>>([
    ...(sources.dashboard === undefined ? [["/", () => ({ type: "text/plain", body: signpost })] as const] : []),
    ["/livez", () => ({ type: "text/plain", body: "alive\n" })],
    ["/readyz", () => readyPage(sources.checks())],
    ["/version", () => ({ type: "application/json", body: JSON.stringify({ version: sources.version }) })],
    ["/metrics", (request) => metricsPage(request, sources)],
    [
      "/graphql/schema.graphql",
      () => {
        const body = sources.sdl();
        return body === undefined
          ? { status: 503, type: "text/plain", body: "starting\n" }
          : { type: "text/plain", body };
      },
    ],
    ["/graphiql", () => ({ type: "text/html", body: (graphiql ??= graphiqlPage()) })],
  ]);
}

function readyPage(checks: readonly Check[]): Page {
  const ready = checks.every((check) => check.ok);
  return { status: ready ? 200 : 503, type: "application/json", body: JSON.stringify({ ready, checks }) };
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;
/** What proxies add. Behind a proxy on this machine every connection is loopback's, whoever asks. */
const FORWARDED_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/** Metrics tell how busy a town is; only this machine's own collector gets them. */
async function metricsPage(request: IncomingMessage, sources: HttpSources): Promise<Page> {
  const direct = FORWARDED_HEADERS.every((name) => request.headers[name] === undefined);
  if (!direct || !LOOPBACK.test(request.socket.remoteAddress ?? ""))
    return { status: 403, type: "text/plain", body: "loopback only\n" };
  return { type: "text/plain", body: await sources.metrics() };
}

/**
 * The client's network address as the one trusted proxy in front tells it: the last hop of `X-Forwarded-For`, for all
 * before it is the client's own say. Without a sound one it is the proxy's address, so that nobody escapes a throttle by
 * what he makes up.
 */
export function forwardedAddress(request: IncomingMessage): string {
  const lastHop = [request.headers["x-forwarded-for"] ?? []].flat().join(",").split(",").at(-1)?.trim() ?? "";
  return isIP(lastHop) === 0 ? (request.socket.remoteAddress ?? "unknown") : lastHop;
}
