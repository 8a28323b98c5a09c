/**
 * Many WebSocket clients in one process, that read as cheaply as can be. Orders come as lines of JSON: `open` connects
 * and, where there is a query, subscribes; `expect` answers when every socket has had so many messages more.
 */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { pause } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { clientFrame, frameAt, OPCODE } from "./frames.ts";

const Order = z.discriminatedUnion("do", [
  z.object({
    do: z.literal("open"),
    port: z.int(),
    count: z.int(),
    origin: z.string(),
    cookies: z.array(z.string()),
    query: z.string().optional(),
  }),
  z.object({ do: z.literal("expect"), messages: z.int() }),
  z.object({ do: z.literal("close") }),
]);
type Order = z.infer<typeof Order>;

/** Sockets that are opened at once; more would overflow the server's queue of connects. */
const OPENED_AT_ONCE = 20;
/** A handshake and its subscription take no longer. */
const OPEN_MS_MAX = 30_000;
/** A beat of an idle stream is no event. */
const BEAT = '"node":null';
const NEXT = '"type":"next"';

const sockets: Socket[] = [];
const counts = { messages: 0, target: Number.POSITIVE_INFINITY, broken: 0, sample: "" };

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function heard(payload: Buffer, isGraphql: boolean): void {
  if (isGraphql && (payload.indexOf(NEXT) < 0 || payload.indexOf(BEAT) >= 0)) return;
  if (counts.sample === "") counts.sample = payload.toString("utf8");
  counts.messages += 1;
  if (counts.messages !== counts.target) return;
  counts.target = Number.POSITIVE_INFINITY;
  say({ messages: counts.messages, broken: counts.broken, sample: counts.sample });
}

/** Resolves when the server has taken the subscription, or the handshake where there is none. */
function openOne(order: Extract<Order, { do: "open" }>, n: number): Promise<void> {
  const { port, origin, cookies, query } = order;
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.setNoDelay(true);
  const cookie = cookies.length === 0 ? "" : `cookie: ${cookies[n % cookies.length]}\r\n`;
  socket.write(
    `GET /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\norigin: ${origin}\r\n${cookie}connection: upgrade\r\nupgrade: websocket\r\n` +
      `sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n`,
  );
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let rest: Buffer = Buffer.alloc(0);
  let isOpen = false;
  const take = (opcode: number, payload: Buffer): void => {
    if (opcode === OPCODE.ping) return void socket.write(clientFrame(OPCODE.pong, payload.toString("latin1")));
    if (opcode !== OPCODE.text) return;
    if (query !== undefined && payload.indexOf("connection_ack") >= 0) {
      const id = `subscription-${String(n).padStart(23, "0")}`;
      socket.write(clientFrame(OPCODE.text, JSON.stringify({ id, type: "subscribe", payload: { query } })));
      return resolve();
    }
    heard(payload, query !== undefined);
  };
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    if (!isOpen) {
      const head = rest.indexOf("\r\n\r\n");
      if (head < 0) return;
      isOpen = true;
      from = head + 4;
      if (query === undefined) resolve();
      else socket.write(clientFrame(OPCODE.text, '{"type":"connection_init"}'));
    }
    for (let frame = frameAt(rest, from); frame !== undefined; frame = frameAt(rest, from)) {
      take(frame.opcode, frame.payload);
      from = frame.end;
    }
    rest = rest.subarray(from);
  });
  socket.once("error", reject);
  socket.once("close", () => {
    counts.broken += 1;
    reject(new LoadError("SOCKET_CLOSED", "the server closed a socket"));
  });
  return Promise.race([promise, pause(OPEN_MS_MAX)]);
}

async function openAll(order: Extract<Order, { do: "open" }>): Promise<void> {
  for (let n = 0; n < order.count; n += OPENED_AT_ONCE) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, order.count - n) }, (_, i) => openOne(order, n + i));
    await Promise.all(some);
  }
  say({ opened: sockets.length });
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case "open":
      return openAll(order);
    case "expect":
      counts.messages = 0;
      counts.target = order.messages * sockets.length;
      return say({ expecting: counts.target });
    case "close":
      for (const socket of sockets.splice(0)) socket.destroy();
      return say({ closed: true });
  }
}

createInterface({ input: process.stdin }).on("line", (line) => {
  obey(Order.parse(JSON.parse(line))).catch((error: unknown) => say({ fault: String(error) }));
});
process.stdout.write("ready socket-readers\n");
