import { once } from "node:events";
import { createServer } from "node:http";
import type { Allowance } from "../graphql/allowance/allowance.ts";
import { createGraphqlEndpoint, HTTP_SERVER_OPTIONS, type EndpointDeps } from "../graphql/endpoint.ts";
import { LiveStream } from "../graphql/live-stream.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { fail, ok } from "../kernel/result.ts";
import { exampleCaller, exampleSchema, type ExampleCaller } from "./example-graphql.ts";

/** A running example endpoint and its insides. */
export interface ExampleEndpoint {
  readonly url: string;
  readonly host: string;
  /** How many subscriptions hold their source now. */
  readonly listening: () => number;
  /** Feeds a number to every subscription of `ticks`. */
  readonly tick: (value: number) => void;
  /** Ends whatever the token's callers have open. */
  readonly endCaller: () => void;
  readonly sockets: () => number;
  readonly turnedAway: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

/**
 * Token that the example takes in `authorization`, and the value of its cookie. With a name behind it, the token is that
 * caller's own.
 */
export const EXAMPLE_TOKEN = "Bearer integrator";
export const EXAMPLE_COOKIE = "session=karen";

/** What an example endpoint is started with. */
export interface ExampleSettings extends Pick<
  EndpointDeps<ExampleCaller>,
  "limits" | "socketLimits" | "allowedOrigins" | "isBlind" | "allowanceFactor" | "hasReserved"
> {
  /** What each caller may ask over time. */
  readonly allowance?: Allowance;
  /** What `slow` waits for; a minute where absent. */
  readonly slow?: () => Promise<string>;
  /** What finding out who somebody is waits for; nothing where absent. */
  readonly lookUp?: () => Promise<void>;
}

/** Starts the example of `example-graphql.ts` behind a real HTTP server. */
export async function startExampleEndpoint({
  allowance,
  slow,
  lookUp = () => Promise.resolve(),
  ...settings
}: ExampleSettings = {}): Promise<ExampleEndpoint> {
  const listeners = new Set<(value: number) => void>();
  let ending = new AbortController();
  const connect = (feed: (value: number) => void): (() => void) => {
    listeners.add(feed);
    return () => void listeners.delete(feed);
  };
  const schema = exampleSchema({
    ticks: () => valuesOf(new LiveStream<number>({ clock: systemClock, connect })),
    slow: slow ?? (() => new Promise((resolve) => void systemClock.after(60_000, () => resolve("late")))),
  });
  const endpoint = createGraphqlEndpoint<ExampleCaller>({
    schema,
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...settings,
    authenticate: async ({ header }) => {
      await lookUp();
      const authorization = header("authorization");
      if (authorization?.startsWith(EXAMPLE_TOKEN) === true) {
        const key = authorization.slice(EXAMPLE_TOKEN.length).trim() || "karen";
        return ok(exampleCaller({ key, ended: ending.signal, allowance }));
      }
      if (authorization !== undefined) return fail({ code: "SESSION_EXPIRED", message: "sign in again" });
      if (header("cookie") === EXAMPLE_COOKIE) return ok(exampleCaller({ ambient: true }));
      return ok(exampleCaller({ anonymous: true, key: "anonymous", operations: [], allowance }));
    },
  });
  const server = createServer(HTTP_SERVER_OPTIONS);
  server.on("request", (request, response) => void endpoint.handle(request, response));
  server.on("upgrade", (request, socket, head) => endpoint.upgrade(request, socket, head));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new InvariantError("the server has no port");
  const host = `127.0.0.1:${address.port}`;
  return {
    url: `http://${host}/graphql`,
    host,
    listening: () => listeners.size,
    tick: (value) => {
      for (const feed of listeners) feed(value);
    },
    endCaller: () => {
      ending.abort();
      ending = new AbortController();
    },
    sockets: () => endpoint.sockets,
    turnedAway: endpoint.turnedAway,
    stop: async () => {
      await endpoint.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The events of a stream alone; whoever leaves also leaves the stream. */
function valuesOf(stream: LiveStream<number>): AsyncIterable<number> {
  const read = async function* (): AsyncGenerator<number> {
    for await (const item of stream) if (item.kind === "event") yield item.event;
  };
  const values = read();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => values.next(),
      return: () => stream.return().then(() => values.return(undefined)),
    }),
  };
}
