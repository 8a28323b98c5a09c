import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { GraphQLSchema } from "graphql";
import { handleProtocols } from "graphql-ws";
import { WebSocketServer } from "ws";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { networkOf } from "../kernel/network.ts";
import type { Random } from "../kernel/random.ts";
import { Admission } from "./allowance/admission.ts";
import type { Lane } from "./allowance/lane.ts";
import { Strangers } from "./allowance/strangers.ts";
import type { Authenticate } from "./authentication.ts";
import type { Caller } from "./caller.ts";
import { createEngine } from "./engine.ts";
import { handleHttp } from "./http.ts";
import { REQUEST_LIMITS, SOCKET_LIMITS, type RequestLimits, type SocketLimits } from "./limits.ts";
import { provenance, type AllowedOrigins } from "./origin.ts";
import { PlainAnswers } from "./plain-answer.ts";
import { Quota } from "./quota.ts";
import { Sight } from "./sight.ts";
import { CLOSE, SocketServer } from "./socket.ts";

/** Headers of a request take no longer than this to arrive. */
const HEADERS_MS_MAX = 10_000;
/** A whole request, body included, takes no longer than this to arrive; its answer may. */
const REQUEST_MS_MAX = 30_000;
/** Bytes of all headers of a request. */
const HEADER_BYTES_MAX = 16 * 1024;

/** Settings for `createServer`, against slow and oversized headers. */
export const HTTP_SERVER_OPTIONS = {
  headersTimeout: HEADERS_MS_MAX,
  requestTimeout: REQUEST_MS_MAX,
  maxHeaderSize: HEADER_BYTES_MAX,
} as const;

/** What the endpoint needs. */
export interface EndpointDeps<Principal extends Caller> {
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticate<Principal>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Origins besides the own host that browsers may call from. */
  readonly allowedOrigins?: AllowedOrigins;
  /** Whether the client's way to us is encrypted; by default, whether this very connection is. */
  readonly secure?: (request: IncomingMessage) => boolean;
  /** The client's network address; by default, the other end of this very connection. */
  readonly address?: (request: IncomingMessage) => string;
  readonly limits?: Partial<RequestLimits>;
  readonly socketLimits?: Partial<SocketLimits>;
  /** Whether a caller that `authenticate` found could do what a reserved lane is for; anybody known, where absent. */
  hasReserved?(principal: Principal, lane: Lane): boolean;
  /** Every caller's allowance times this; 1 unless told otherwise. */
  readonly allowanceFactor?: number;
  /** Whether the hub does not see the journal; then nothing is live. By default it always sees. */
  readonly isBlind?: () => boolean;
}

/** GraphQL on one path of a node:http server: hand `/graphql` requests to `handle` and upgrades to `upgrade`. */
export interface GraphqlEndpoint {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** How many sockets are open. */
  readonly sockets: number;
  /** Operations turned away for their caller's limits since the start, by limit. */
  readonly turnedAway: ReadonlyMap<string, number>;
  /** Says goodbye to every socket (1001) and resolves when they are gone; SSE answers end with the server. */
  close(): Promise<void>;
}

/** Makes the endpoint: HTTP, SSE and WebSocket with one schema, one set of limits and one way to find out who asks. */
export function createGraphqlEndpoint<Principal extends Caller>(deps: EndpointDeps<Principal>): GraphqlEndpoint {
  const limits = { ...REQUEST_LIMITS, ...deps.limits };
  const socketLimits = { ...SOCKET_LIMITS, ...deps.socketLimits };
  const allowedOrigins: AllowedOrigins = deps.allowedOrigins ?? new Set();
  const secure = deps.secure ?? ((request) => "encrypted" in request.socket && request.socket.encrypted === true);
  const address = deps.address ?? ((request) => request.socket.remoteAddress ?? "unknown");
  const { authenticate, clock, random, log, schema } = deps;
  const hasReserved = deps.hasReserved ?? (() => true);
  const admission = new Admission({ schema, clock, factor: deps.allowanceFactor ?? 1, hasReserved });
  const strangers = new Strangers({ clock, count: admission.count });
  const engine = createEngine({ schema, clock, random, log, admission, limits, socketLimits });
  const sight = new Sight({ clock, isBlind: deps.isBlind ?? (() => false) });
  const shared = { engine, authenticate, clock, log, allowedOrigins, secure, address, sight, strangers };
  const http = { ...shared, admission, limits, plain: new PlainAnswers(engine) };
  const sockets = new SocketServer({ ...shared, limits: socketLimits });
  const unknownSockets = new Quota<string>(socketLimits.unknownSocketsPerNetwork);
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.bodyBytes,
    perMessageDeflate: false,
    handleProtocols,
  });
  return {
    handle: (request, response) => handleHttp(http, request, response),
    upgrade: (request, socket, head) => {
      if (provenance(request, allowedOrigins) === "foreign") return hangUp(socket, "403 Forbidden");
      if (webSockets.clients.size >= socketLimits.sockets) return hangUp(socket, "503 Service Unavailable");
      const known = unknownSockets.take(networkOf(address(request)));
      if (known === undefined) return hangUp(socket, "503 Service Unavailable");
      // Of the stream, since a handshake that fails never becomes a WebSocket.
      socket.once("close", known);
      webSockets.handleUpgrade(request, socket, head, (opened) =>
        sockets.opened({ socket: opened, request, stream: socket, known }),
      );
    },
    get sockets() {
      return webSockets.clients.size;
    },
    turnedAway: admission.turnedAway,
    close: async () => {
      sight.stop();
      const gone = [...webSockets.clients].map((client) => new Promise((resolve) => client.once("close", resolve)));
      for (const client of webSockets.clients) client.close(CLOSE.goingAway, "GOING_AWAY");
      const cancel = clock.after(CLOSE_MS_MAX, () => {
        for (const client of webSockets.clients) client.terminate();
      });
      await Promise.all(gone);
      cancel();
      webSockets.close();
    },
  };
}

/** A client that does not answer the goodbye is cut after this. */
const CLOSE_MS_MAX = 2_000;

function hangUp(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
