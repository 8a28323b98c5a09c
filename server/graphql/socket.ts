import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { GraphQLError, type ExecutionArgs } from "graphql";
import { makeServer, type Context, type Server } from "graphql-ws";
import type { WebSocket } from "ws";
import { isUnavailable } from "../kernel/database.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { isRecord } from "../kernel/record.ts";
import type { Authenticate } from "./authentication.ts";
import type { Strangers } from "./allowance/strangers.ts";
import type { Caller, Transport } from "./caller.ts";
import type { Engine, ServerContext } from "./engine.ts";
import type { SocketLimits } from "./limits.ts";
import type { Sight } from "./sight.ts";
import { SocketLine } from "./socket-line.ts";
import { provenance, type AllowedOrigins, type Provenance } from "./origin.ts";
import { Quota } from "./quota.ts";

/** A socket is asked for a sign of life this often, and cut when none comes by the next time. */
const PING_MS = 12_000;

/** Close codes beyond those of graphql-ws, after whose own 4429 a client never comes back; 1013 says: later. */
export const CLOSE = { unauthenticated: 4401, ended: 4403, tooMany: 1013, unavailable: 4503, goingAway: 1001 } as const;

/** What the sockets need. */
export interface SocketDeps {
  readonly engine: Engine;
  readonly authenticate: Authenticate<Caller>;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: SocketLimits;
  readonly allowedOrigins: AllowedOrigins;
  readonly secure: (request: IncomingMessage) => boolean;
  readonly address: (request: IncomingMessage) => string;
  readonly sight: Pick<Sight, "lost">;
  readonly strangers: Strangers;
}

interface Connection {
  readonly socket: WebSocket;
  /** The stream of bytes under the socket. */
  readonly stream: Duplex;
  /** Headers of the upgrade, until it is known who came by it; the request itself would be kept with all its buffers. */
  headers: IncomingMessage["headers"];
  readonly provenance: Provenance;
  /** Aborts when the socket is gone, or its caller's right to be here. */
  readonly gone: AbortController;
  readonly transport: Transport;
  readonly known: () => void;
  principal?: Caller;
  /** Gives back what an admitted socket holds. Called once, when it is gone. */
  release?: () => void;
}

/** A socket that was upgraded, and what it came by. */
export interface Upgraded {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  /** The stream that was upgraded. */
  readonly stream: Duplex;
  /** Called when the socket has said who it is. */
  readonly known: () => void;
}

/** Why a signal aborted; without a reason each would make an error with its stack. */
const CLOSED = "closed";

type Params = Record<string, unknown>;
type Enveloped = ReturnType<Engine["getEnveloped"]>;

/** Speaks graphql-transport-ws; see {@link SocketServer.opened}. */
export class SocketServer {
  readonly #deps: SocketDeps;
  readonly #server: Server<Connection>;
  readonly #byCaller: Quota<string>;
  readonly #running = new WeakMap<object, Enveloped>();

  constructor(deps: SocketDeps) {
    this.#deps = deps;
    this.#byCaller = new Quota(deps.limits.socketsPerCaller);
    this.#server = makeServer<Params, Connection>({
      connectionInitWaitTimeout: deps.limits.connectionInitMs,
      onConnect: (context) => this.#connect(context),
      onSubscribe: (context, id, payload) => this.#prepare(context.extra, id, payload),
      execute: (args) => this.#enveloped(args).execute(args),
      subscribe: (args) => this.#enveloped(args).subscribe(args),
    });
  }

  /** Takes over an upgraded socket. */
  opened({ socket, request, stream, known }: Upgraded): void {
    const gone = new AbortController();
    const { secure, address, allowedOrigins } = this.#deps;
    const transport: Transport = { kind: "socket", secure: secure(request), address: address(request) };
    const { headers } = request;
    const page = provenance(request, allowedOrigins);
    const connection: Connection = { socket, stream, headers, provenance: page, gone, transport, known };
    const end = this.#server.opened(
      {
        protocol: socket.protocol,
        send: (data) =>
          new Promise((resolve) => {
            // The callback comes when the data has left us, which is what makes a slow reader slow its source.
            if (socket.readyState === socket.OPEN) socket.send(data, () => resolve());
            else resolve();
          }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (take) => {
          socket.on("message", (data: Buffer) => {
            take(data.toString("utf8")).catch((error: unknown) => this.#broken(socket, error));
          });
        },
      },
      connection,
    );
    const stopPinging = this.#ping(socket);
    // Oversized or malformed frames end here; `ws` has closed the socket already.
    socket.on("error", () => undefined);
    socket.once("close", (code, reason) => {
      stopPinging();
      depart(connection);
      void end(code, reason.toString("utf8"));
    });
  }

  async #connect({ extra, connectionParams }: Context<Params, Connection>): Promise<boolean> {
    const { socket, headers } = extra;
    const header = (name: string): string | undefined => {
      const param = connectionParams?.[name];
      return typeof param === "string" ? param : headers[name]?.toString();
    };
    try {
      const { strangers, authenticate } = this.#deps;
      const { address } = extra.transport;
      const rememberedOnly = strangers.waitMs(address) > 0;
      const who = await authenticate({ ...extra.transport, header, body: new Uint8Array(), rememberedOnly });
      extra.headers = {};
      if (!who.ok && rememberedOnly) {
        strangers.turnedAway();
        socket.close(CLOSE.tooMany, "RATE_LIMITED");
        return false;
      }
      if (!who.ok || who.value.anonymous) {
        if (!who.ok || who.value.stranger === true) strangers.failed(address);
        socket.close(CLOSE.unauthenticated, who.ok ? "UNAUTHENTICATED" : who.failure.code);
        return false;
      }
      return this.#admit(extra, who.value);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      socket.close(CLOSE.unavailable, "JOURNAL_UNAVAILABLE");
      return false;
    }
  }

  #admit(connection: Connection, principal: Caller): boolean {
    const { socket, gone } = connection;
    // It may have left while it was looked up; nobody would give back what it took.
    if (gone.signal.aborted) return false;
    if (principal.ambient && connection.provenance !== "own") {
      socket.close(CLOSE.unauthenticated, "FOREIGN_ORIGIN");
      return false;
    }
    const release = this.#byCaller.take(principal.key);
    if (release === undefined) {
      socket.close(CLOSE.tooMany, "TOO_MANY_SOCKETS");
      return false;
    }
    connection.known();
    connection.principal = principal;
    const { ended } = principal;
    const { lost } = this.#deps.sight;
    const end = (): void => {
      socket.close(CLOSE.ended, "ENDED");
      // A client that does not answer the goodbye hears nothing more all the same.
      depart(connection);
    };
    const endBlind = (): void => socket.close(CLOSE.unavailable, "JOURNAL_UNAVAILABLE");
    // By hand: listeners that a signal takes away cost each idle socket half a kilobyte more.
    ended.addEventListener("abort", end);
    lost.addEventListener("abort", endBlind);
    connection.release = () => {
      ended.removeEventListener("abort", end);
      lost.removeEventListener("abort", endBlind);
      release();
    };
    if (ended.aborted) end();
    else if (lost.aborted) endBlind();
    return !ended.aborted && !lost.aborted;
  }

  async #prepare(
    { principal, transport, gone, socket, stream }: Connection,
    id: string,
    payload: { readonly query: string; readonly operationName?: unknown; readonly variables?: unknown },
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    if (principal === undefined) return [new GraphQLError("say who you are first")];
    const context: ServerContext = {
      principal,
      transport,
      gone: gone.signal,
      direct: new SocketLine(socket, stream, id),
    };
    const enveloped = this.#deps.engine.getEnveloped({ ...context, params: payload });
    try {
      const document = enveloped.parse(payload.query);
      const errors = enveloped.validate(enveloped.schema, document);
      if (errors.length > 0) return errors;
      const contextValue = await enveloped.contextFactory();
      const args: ExecutionArgs = { schema: enveloped.schema, document, contextValue, ...operationOf(payload) };
      this.#running.set(contextValue, enveloped);
      return args;
    } catch (error) {
      if (error instanceof GraphQLError) return [error];
      throw error;
    }
  }

  /** What an operation was prepared with, once: an open subscription must not keep it. */
  #enveloped({ contextValue }: ExecutionArgs): Enveloped {
    const found =
      typeof contextValue === "object" && contextValue !== null ? this.#running.get(contextValue) : undefined;
    if (typeof contextValue !== "object" || contextValue === null || found === undefined) {
      throw new GraphQLError("the operation was not prepared");
    }
    this.#running.delete(contextValue);
    return found;
  }

  #ping(socket: WebSocket): () => void {
    let alive = true;
    socket.on("pong", () => {
      alive = true;
    });
    let cancel: () => void = () => undefined;
    const turn = (): void => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
      cancel = this.#deps.clock.after(PING_MS, turn);
    };
    cancel = this.#deps.clock.after(PING_MS, turn);
    return () => cancel();
  }

  #broken(socket: WebSocket, error: unknown): void {
    this.#deps.log.error({ type: error instanceof Error ? error.name : typeof error }, "a socket's message broke off");
    socket.close(1011, "INTERNAL");
  }
}

/** Tells everything that runs for a socket that nobody listens any more. Harmless when called again. */
function depart(connection: Connection): void {
  const { gone, release } = connection;
  delete connection.release;
  gone.abort(CLOSED);
  release?.();
}

function operationOf(payload: {
  readonly operationName?: unknown;
  readonly variables?: unknown;
}): Partial<ExecutionArgs> {
  const { operationName, variables } = payload;
  return {
    ...(typeof operationName === "string" ? { operationName } : {}),
    ...(isRecord(variables) ? { variableValues: variables } : {}),
  };
}
