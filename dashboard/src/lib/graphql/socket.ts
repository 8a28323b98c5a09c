import { createClient, type Client } from "graphql-ws";
import { failureOf, type GraphqlFailure } from "./failure.ts";
import { textOf, type Document } from "./request.ts";

/** The client asks for a sign of life this often, so that a quiet page still knows that its line is whole. */
const PING_MS = 10_000;
const RETRY_FIRST_MS = 300;
const RETRY_MS_MAX = 5_000;
/** Close codes of the hub after which trying again is of no use: nobody is signed in, or the session has ended. */
const SIGNED_OUT = new Set([4401, 4403]);

/** What a socket tells of its line. */
export interface SocketEvents {
  /** The line is up; subscriptions are being taken up again. */
  connected(): void;
  /** Something came. */
  frame(): void;
  /** A question and its answer took this long, in milliseconds. */
  delay(durationMs: number): void;
  /** The line is down; it is tried again by itself. */
  lost(): void;
  /** The session has ended; nothing is tried again. */
  signedOut(): void;
}

/** What a subscription tells its reader. */
export interface SubscriptionEvents<Data> {
  next(data: Data): void;
  /** The hub ended it, or refused it; absent failure: it came to its end. */
  ended(failure?: GraphqlFailure): void;
}

/** What a socket needs of its surroundings. */
export interface SocketDeps {
  readonly url: string;
  /** A clock that nobody sets, in milliseconds. */
  readonly monotonic: () => number;
  /** A number from 0 to 1, to spread clients that all lost the same hub. */
  readonly chance: () => number;
}

/** The one socket of a page. */
export interface GraphqlSocket {
  /**
   * Subscribes; `variables` is asked anew at every connection, so that a stream goes on behind the last cursor. Gives
   * back what ends it.
   */
  subscribe<Data, Variables extends object>(
    document: Document<Data, Variables>,
    variables: () => Variables,
    events: SubscriptionEvents<Data>,
  ): () => void;
  /** Drops a line that is silent, so that another one is tried. */
  renew(): void;
  close(): void;
}

/** Opens the socket, and keeps it open until it is closed or the session ends. */
export function openSocket(deps: SocketDeps, events: SocketEvents): GraphqlSocket {
  let askedAt = 0;
  const client: Client = createClient({
    url: deps.url,
    lazy: false,
    keepAlive: PING_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (tries) => retryPause(tries, deps.chance()),
    shouldRetry: (event) => !SIGNED_OUT.has(codeOf(event)),
    onNonLazyError: () => undefined,
    on: {
      connected: () => events.connected(),
      message: () => events.frame(),
      ping: (received) => {
        if (!received) askedAt = deps.monotonic();
      },
      pong: (received) => {
        if (received) events.delay(deps.monotonic() - askedAt);
      },
      closed: (event) => (SIGNED_OUT.has(codeOf(event)) ? events.signedOut() : events.lost()),
    },
  });
  return {
    subscribe: (document, variables, subscription) => subscribeWith(client, document, { variables, subscription }),
    renew: () => client.terminate(),
    close: () => void Promise.resolve(client.dispose()).catch(() => undefined),
  };
}

function subscribeWith<Data, Variables extends object>(
  client: Client,
  document: Document<Data, Variables>,
  { variables, subscription }: { readonly variables: () => Variables; readonly subscription: SubscriptionEvents<Data> },
): () => void {
  // Read when the payload is written to the line, which is once a connection.
  const payload = {
    query: textOf(document),
    get variables(): Record<string, unknown> {
      return Object.fromEntries(Object.entries(variables()));
    },
  };
  return client.subscribe<Data>(payload, {
    next: ({ data, errors }) => {
      const [error] = errors ?? [];
      if (error !== undefined)
        subscription.ended(failureOf(String(error.extensions?.["code"] ?? "INTERNAL"), error.message));
      else if (data !== undefined && data !== null) subscription.next(data);
    },
    error: (reason) => subscription.ended(failureIn(reason)),
    complete: () => subscription.ended(),
  });
}

function failureIn(reason: unknown): GraphqlFailure {
  if (SIGNED_OUT.has(codeOf(reason))) return failureOf("UNAUTHENTICATED", "the session has ended");
  const first: unknown = Array.isArray(reason) ? reason[0] : undefined;
  if (!isError(first)) return failureOf("INTERNAL", "the subscription broke off");
  return failureOf(first.extensions?.code ?? "INTERNAL", first.message);
}

function isError(
  value: unknown,
): value is { readonly message: string; readonly extensions?: { readonly code?: string } } {
  return typeof value === "object" && value !== null && "message" in value;
}

function codeOf(event: unknown): number {
  return typeof event === "object" && event !== null && "code" in event ? Number(event.code) : 0;
}

function retryPause(tries: number, chance: number): Promise<void> {
  const longest = Math.min(RETRY_MS_MAX, RETRY_FIRST_MS * 2 ** tries);
  return new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + chance / 2));
  });
}
