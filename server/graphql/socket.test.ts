import { createClient, type Client } from "graphql-ws";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import {
  SOCKET_LIMITS,
  SUBSCRIPTIONS_PER_CALLER_MAX,
  SUBSCRIPTIONS_PER_SOCKET_MAX,
  UNKNOWN_SOCKETS_PER_NETWORK_MAX,
} from "./limits.ts";
import {
  EXAMPLE_COOKIE,
  EXAMPLE_TOKEN,
  startExampleEndpoint,
  type ExampleEndpoint,
} from "../simulation/example-endpoint.ts";

const LIMITS = {
  sockets: 4,
  socketsPerCaller: 2,
  unknownSocketsPerNetwork: 4,
  subscriptionsPerSocket: 3,
  subscriptionsPerCaller: 5,
  connectionInitMs: 300,
};

let hub: ExampleEndpoint;
/** Whether the hub sees no journal. */
let isBlind: boolean;
/** What finding out who somebody is waits for. */
let lookUp: () => Promise<void>;
const clients: Client[] = [];

beforeEach(async () => {
  isBlind = false;
  lookUp = () => Promise.resolve();
  hub = await startExampleEndpoint({ socketLimits: LIMITS, isBlind: () => isBlind, lookUp: () => lookUp() });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.dispose()));
  await hub.stop();
});

interface Talk {
  readonly client: Client;
  readonly closed: Promise<{ code: number; reason: string }>;
}

function talk(
  params: Record<string, unknown> = { authorization: EXAMPLE_TOKEN },
  headers: Record<string, string> = {},
): Talk {
  class WithHeaders extends WebSocket {
    constructor(url: string, protocols: string) {
      super(url, protocols, { headers });
    }
  }
  let settle: (event: { code: number; reason: string }) => void = () => undefined;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    settle = resolve;
  });
  const client = createClient({
    url: hub.url.replace("http", "ws"),
    webSocketImpl: WithHeaders,
    connectionParams: params,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
    on: {
      closed: (event) => {
        if (typeof event === "object" && event !== null && "code" in event && "reason" in event) {
          settle({ code: Number(event.code), reason: String(event.reason) });
        }
      },
    },
  });
  clients.push(client);
  return { client, closed };
}

interface Heard {
  readonly values: unknown[];
  readonly errors: unknown[];
  done: boolean;
  stop: () => void;
}

function listen(client: Client, query = "subscription { ticks }"): Heard {
  const heard: Heard = { values: [], errors: [], done: false, stop: () => undefined };
  heard.stop = client.subscribe(
    { query },
    {
      next: ({ data, errors }) => (errors === undefined ? heard.values.push(data) : heard.errors.push(...errors)),
      error: (error) => (Array.isArray(error) ? heard.errors.push(...error) : heard.errors.push(error)),
      complete: () => {
        heard.done = true;
      },
    },
  );
  return heard;
}

test("a socket hears what it subscribed to, and a stopped subscription lets go of its source", async () => {
  const heard = listen(talk().client);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
  hub.tick(1);
  hub.tick(2);
  await vi.waitFor(() => expect(heard.values).toEqual([{ ticks: 1 }, { ticks: 2 }]));
  heard.stop();
  await vi.waitFor(() => expect(hub.listening()).toBe(0));
});

test("a client that vanishes lets go of everything it listened to", async () => {
  const { client } = talk();
  listen(client);
  listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(2));
  client.terminate();
  await vi.waitFor(() => expect([hub.listening(), hub.sockets()]).toEqual([0, 0]));
});

test("queries and mutations go over the same socket with the same rights", async () => {
  const { client } = talk();
  const me = listen(client, "{ me }");
  const refused = listen(client, "{ blocks }");
  await vi.waitFor(() => expect(me.values).toEqual([{ me: "karen" }]));
  await vi.waitFor(() => expect(refused.errors).toMatchObject([{ extensions: { code: "FORBIDDEN" } }]));
});

test("syntax, validation and limits are answered on the socket, which goes on", async () => {
  const { client } = talk();
  const wrong = [listen(client, "{"), listen(client, "{ nothing }"), listen(client, `{ ${"hello ".repeat(21)} }`)];
  for (const each of wrong) await vi.waitFor(() => expect(each.errors.length).toBeGreaterThan(0));
  const fine = listen(client, "{ hello }");
  await vi.waitFor(() => expect(fine.values).toEqual([{ hello: "world" }]));
});

test("a socket is closed with 4403 as soon as its caller's right to be here ends", async () => {
  const { client, closed } = talk();
  listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
  hub.endCaller();
  expect((await closed).code).toBe(4403);
  await vi.waitFor(() => expect(hub.listening()).toBe(0));
});

test("nobody, or somebody whose session has ended, gets no socket", async () => {
  expect(await talk({}).closed).toEqual({ code: 4401, reason: "UNAUTHENTICATED" });
  expect(await talk({ authorization: "Bearer old" }).closed).toEqual({ code: 4401, reason: "SESSION_EXPIRED" });
});

test("an upgrade from another origin is refused; a cookie needs the own one", async () => {
  const evil = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws", { origin: "https://evil.example" });
  const status = await new Promise((resolve) =>
    evil.once("unexpected-response", (_, answer) => resolve(answer.statusCode)),
  );
  evil.on("error", () => undefined).terminate();
  expect(status).toBe(403);
  expect((await talk({}, { cookie: EXAMPLE_COOKIE }).closed).reason).toBe("FOREIGN_ORIGIN");
  const own = listen(talk({}, { cookie: EXAMPLE_COOKIE, origin: `http://${hub.host}` }).client, "{ me }");
  await vi.waitFor(() => expect(own.values).toEqual([{ me: "karen" }]));
});

test("a third subscription fits on a socket, a fourth does not, and one given back makes room", async () => {
  const { client } = talk();
  const heard = [listen(client), listen(client), listen(client)];
  await vi.waitFor(() => expect(hub.listening()).toBe(3));
  const refused = listen(client);
  await vi.waitFor(() => expect(refused.errors).toMatchObject([{ extensions: { limit: "subscriptionsPerSocket" } }]));
  heard[0]?.stop();
  await vi.waitFor(() => expect(hub.listening()).toBe(2));
  listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(3));
});

test("a caller's subscriptions are counted over all its sockets", async () => {
  const [first, second] = [talk().client, talk().client];
  for (const client of [first, first, first, second, second]) listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(5));
  const refused = listen(second);
  await vi.waitFor(() => expect(refused.errors).toMatchObject([{ extensions: { limit: "subscriptions" } }]));
});

test("a caller has two sockets and no third; all callers together have four", async () => {
  const open = [talk(), talk()];
  for (const { client } of open) {
    const heard = listen(client, "{ hello }");
    await vi.waitFor(() => expect(heard.values).toHaveLength(1));
  }
  expect(await talk().closed).toEqual({ code: 1013, reason: "TOO_MANY_SOCKETS" });
  await vi.waitFor(() => expect(hub.sockets()).toBe(2));
  const silent = [1, 2].map(() => new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws"));
  await vi.waitFor(() => expect(hub.sockets()).toBe(4));
  const fifth = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
  const status = await new Promise((resolve) =>
    fifth.once("unexpected-response", (_, answer) => resolve(answer.statusCode)),
  );
  expect(status).toBe(503);
  for (const each of [fifth, ...silent]) each.on("error", () => undefined).terminate();
});

test("whoever leaves while it is looked up who they are takes nobody's place", async () => {
  let asked = 0;
  const found = Promise.withResolvers<void>();
  lookUp = () => {
    asked += 1;
    return found.promise;
  };
  const left = Array.from({ length: LIMITS.socketsPerCaller }, () => talk().client);
  await vi.waitFor(() => expect(asked).toBe(left.length));
  for (const client of left) client.terminate();
  await vi.waitFor(() => expect(hub.sockets()).toBe(0));
  found.resolve();
  const heard = Array.from({ length: LIMITS.socketsPerCaller }, () => listen(talk().client, "{ me }"));
  for (const each of heard) await vi.waitFor(() => expect(each.values).toEqual([{ me: "karen" }]));
});

test("a socket that does not say who it is is closed in time, and one that sends too much at once", async () => {
  const silent = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
  expect(await new Promise((resolve) => silent.once("close", resolve))).toBe(4408);
  const loud = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
  loud.on("error", () => undefined).once("open", () => loud.send("x".repeat(256 * 1024 + 1)));
  expect(await new Promise((resolve) => loud.once("close", resolve))).toBe(1009);
});

test("the hub's goodbye closes every socket with 1001", async () => {
  const { client, closed } = talk();
  const heard = listen(client, "{ hello }");
  await vi.waitFor(() => expect(heard.values).toHaveLength(1));
  await hub.stop();
  expect((await closed).code).toBe(1001);
});

test("a hub that sees no journal ends what is live and takes nobody, until it sees again", async () => {
  const { client, closed } = talk();
  listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
  const headers = { accept: "text/event-stream", authorization: EXAMPLE_TOKEN };
  const stream = () => fetch(`${hub.url}?${new URLSearchParams({ query: "subscription { ticks }" })}`, { headers });
  const live = await stream();
  await vi.waitFor(() => expect(hub.listening()).toBe(2));
  isBlind = true;
  const away = { code: 4503, reason: "JOURNAL_UNAVAILABLE" };
  expect(await closed).toEqual(away);
  await live.text();
  await vi.waitFor(() => expect(hub.listening()).toBe(0));
  expect(await talk().closed).toEqual(away);
  expect((await stream()).status).toBe(503);
  isBlind = false;
  listen(talk().client);
  await vi.waitFor(() => expect(hub.listening()).toBe(1));
});

/** A socket that says nothing: how its upgrade went. */
function mute(): { readonly socket: WebSocket; readonly went: Promise<string> } {
  const socket = new WebSocket(hub.url.replace("http", "ws"), "graphql-transport-ws");
  const went = new Promise<string>((resolve) => {
    socket.once("open", () => resolve("open"));
    socket.once("error", (error) => resolve(error.message));
  });
  return { socket, went };
}

test("a network has so many sockets that don't say who they are, and more when those have spoken or gone", async () => {
  await hub.stop();
  const patient = { ...LIMITS, sockets: 9, unknownSocketsPerNetwork: 3, connectionInitMs: 10_000 };
  hub = await startExampleEndpoint({ socketLimits: patient });
  const first = mute();
  expect(await Promise.all([first.went, mute().went])).toEqual(["open", "open"]);
  // Whoever says who it is makes room at once, and stays.
  const heard = listen(talk().client, "{ me }");
  await vi.waitFor(() => expect(heard.values).toEqual([{ me: "karen" }]));
  expect(await mute().went).toBe("open");
  const refused = mute();
  expect(await refused.went).toContain("503");
  expect(hub.sockets()).toBe(4);
  first.socket.terminate();
  await vi.waitFor(() => expect(hub.sockets()).toBe(3));
  expect(await mute().went).toBe("open");
});

test("as production has it: fifty subscriptions a socket, two hundred a caller, five hundred unknown sockets", async () => {
  expect([SUBSCRIPTIONS_PER_SOCKET_MAX, SUBSCRIPTIONS_PER_CALLER_MAX]).toEqual([50, 200]);
  expect(UNKNOWN_SOCKETS_PER_NETWORK_MAX).toBe(500);
  await hub.stop();
  hub = await startExampleEndpoint({ socketLimits: { ...SOCKET_LIMITS, connectionInitMs: 60_000 } });
  const { client } = talk();
  for (let count = 0; count < 50; count += 1) listen(client);
  await vi.waitFor(() => expect(hub.listening()).toBe(50));
  const onSocket = listen(client);
  await vi.waitFor(() => expect(onSocket.errors).toMatchObject([{ extensions: { limit: "subscriptionsPerSocket" } }]));
  for (const other of [talk().client, talk().client, talk().client]) {
    for (let count = 0; count < 50; count += 1) listen(other);
  }
  await vi.waitFor(() => expect(hub.listening()).toBe(200));
  const ofCaller = listen(talk().client);
  await vi.waitFor(() => expect(ofCaller.errors).toMatchObject([{ extensions: { limit: "subscriptions" } }]));
  const mutes = Array.from({ length: 500 }, () => mute());
  const went = await Promise.all(mutes.map((each) => each.went));
  expect(went.filter((each) => each !== "open")).toEqual([]);
  expect(await mute().went).toContain("503");
  for (const { socket } of mutes) socket.terminate();
});
