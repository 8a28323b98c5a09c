import { createClient } from "graphql-ws";
import { WebSocket } from "ws";
import { z } from "zod";
import { ANONYMOUS, eventually, type Credentials } from "./api-client.ts";

const Item = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.looseObject({ message: z.string(), extensions: z.looseObject({ code: z.string().optional() }).optional() }),
    )
    .optional(),
});

/** One answer of a live operation. */
export type LiveItem = z.infer<typeof Item>;

/** A live operation as its reader sees it. */
export interface Live {
  /** Everything that came, in order. */
  readonly items: readonly LiveItem[];
  /** Whether the hub has ended it. */
  readonly ended: boolean;
  /** HTTP status, or the close code of a socket; 0 while it is open. */
  readonly code: number;
  /** Resolves with the first answer that matches; throws PortnerError `WAITED`. */
  until(matches: (item: LiveItem) => boolean, withinMs?: number): Promise<LiveItem>;
  /** Resolves when the hub has ended it. */
  untilEnded(withinMs?: number): Promise<void>;
  close(): void;
  /** Breaks the connection off as a dead client does, without a word of parting. */
  kill(): void;
}

const WITHIN_MS = 10_000;

interface Heard {
  readonly items: LiveItem[];
  ended: boolean;
  code: number;
}

function liveOf(heard: Heard, close: () => void, kill: () => void): Live {
  return {
    items: heard.items,
    get ended() {
      return heard.ended;
    },
    get code() {
      return heard.code;
    },
    until: (matches, withinMs = WITHIN_MS) => eventually(() => Promise.resolve(heard.items.find(matches)), withinMs),
    untilEnded: async (withinMs = WITHIN_MS) => {
      await eventually(() => Promise.resolve(heard.ended ? true : undefined), withinMs);
    },
    close,
    kill,
  };
}

/** Subscribes over SSE, as the printed `curl` line does. */
export async function listenBySse(
  url: string,
  query: string,
  options: { readonly who?: Credentials; readonly variables?: object; readonly method?: "GET" | "POST" } = {},
): Promise<Live> {
  const { who = ANONYMOUS, variables = {}, method = "POST" } = options;
  const heard: Heard = { items: [], ended: false, code: 0 };
  const leaving = new AbortController();
  const body = method === "POST" ? JSON.stringify({ query, variables }) : "";
  const asked = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  const response = await fetch(method === "POST" ? `${url}/graphql` : `${url}/graphql?${asked}`, {
    method,
    headers: {
      accept: "text/event-stream",
      ...(method === "POST" && { "content-type": "application/json" }),
      ...who(body),
    },
    ...(method === "POST" && { body }),
    signal: leaving.signal,
  });
  heard.code = response.status;
  readEvents(response, heard).then(
    () => (heard.ended = true),
    () => (heard.ended = true),
  );
  const leave = (): void => leaving.abort();
  return liveOf(heard, leave, leave);
}

async function readEvents(response: Response, heard: Heard): Promise<void> {
  if (response.body === null) return;
  if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true) {
    heard.items.push(Item.parse(await response.json()));
    return;
  }
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const events = `${rest}${chunk}`.split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (data !== undefined) heard.items.push(Item.parse(JSON.parse(data)));
    }
  }
}

/** Subscribes over a WebSocket of its own. `params` goes along in `connection_init`, `headers` with the upgrade. */
export function listenBySocket(
  url: string,
  query: string,
  options: {
    readonly params?: Readonly<Record<string, unknown>>;
    readonly headers?: Readonly<Record<string, string>>;
    readonly variables?: Record<string, unknown>;
  } = {},
): Live {
  const { params = {}, headers = {}, variables = {} } = options;
  const heard: Heard = { items: [], ended: false, code: 0 };
  let destroy = (): void => undefined;
  let killed = false;
  class Dressed extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, { headers });
      destroy = () => this.terminate();
      // Killed before it was dialled; whoever made it wants to hear how that ends.
      if (killed) setImmediate(destroy);
    }
  }
  const kill = (): void => {
    killed = true;
    destroy();
  };
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: Dressed,
    connectionParams: params,
    retryAttempts: 0,
    on: {
      closed: (event) => {
        const closed = z.object({ code: z.int() }).safeParse(event);
        heard.code = closed.data?.code ?? 0;
        heard.ended = true;
      },
    },
  });
  client.subscribe(
    { query, variables },
    {
      next: (item) => heard.items.push(Item.parse(item)),
      error: (failure) => {
        if (Array.isArray(failure)) heard.items.push(Item.parse({ errors: failure }));
        heard.ended = true;
      },
      complete: () => {
        heard.ended = true;
      },
    },
  );
  return liveOf(heard, () => void client.dispose(), kill);
}
