import { createClient, type Client } from "graphql-ws";
import { failureOf, type GraphqlFailure } from "./failure.ts";
import { textOf, type Document } from "./request.ts";

/** The client asks for a sign of life this often, so that a quiet page still knows that its line is whole. */
const PING_MS = 10_000;
const RETRY_FIRST_MS = 300;
const RETRY_MS_MAX = 5_000;
/** The hub acknowledges at once; who has not after this long won't. */
const ACKNOWLEDGED_MS_MAX = 10_000;
/** Close codes of a hub that is gone, or goes: the client itself tries again. */
const GONE = new Set([1005, 1006, 1012, 1013, 1014]);
/** What the client itself says of a line that was cut off here. */
const TERMINATED = 4499;
/** Close codes of the hub after which trying again is of no use: nobody is signed in, or the session has ended. */
const SIGNED_OUT = new Set([4401, 4403]);

/** What a socket tells of its line. */
export interface SocketEvents {
  /** An attempt to connect begins. */
  trying(): void;
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
  /** Lines in a row that the hub broke off before they stood for as long as a ping. */
  let broken = 0;
  const client: Client = createClient({
    url: deps.url,
    lazy: false,
    keepAlive: PING_MS,
    retryAttempts: Number.POSITIVE_INFINITY,
    connectionAckWaitTimeout: ACKNOWLEDGED_MS_MAX,
    retryWait: (tries) => retryPause(tries + broken, deps.chance()),
    shouldRetry: (event) => !SIGNED_OUT.has(codeOf(event)),
    onNonLazyError: () => undefined,
    on: {
      connecting: () => events.trying(),
      connected: () => events.connected(),
      message: () => events.frame(),
      ping: (received) => {
        if (!received) askedAt = deps.monotonic();
      },
      pong: (received) => {
        if (!received) return;
        broken = 0;
        events.delay(deps.monotonic() - askedAt);
      },
      closed: (event) => {
        if (SIGNED_OUT.has(codeOf(event))) {
          events.signedOut();
          return;
        }
        events.lost();
        if (!isFinal(codeOf(event))) return;
        // The client would stop for good, with every stream. A line that was cut off here is tried again, and this is
        // heard before anything of the client's own is.
        broken += 1;
        client.terminate();
      },
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

/** Whether the client takes this code for the end: an error of either side, behind which the next line may well stand. */
function isFinal(code: number): boolean {
  return (code > 1_001 && code < 2_000 && !GONE.has(code)) || (code >= 4_000 && code !== TERMINATED);
}

function retryPause(tries: number, chance: number): Promise<void> {
  const longest = Math.min(RETRY_MS_MAX, RETRY_FIRST_MS * 2 ** tries);
  return new Promise((resolve) => {
    setTimeout(resolve, longest * (0.5 + chance / 2));
  });
}
