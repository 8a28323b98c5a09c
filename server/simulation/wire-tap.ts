import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { packet, takePackets, text, type Packet } from "./raw-mqtt.ts";

const HOST = "127.0.0.1";
const CONNECT = 1;
const PUBLISH = 3;

/** A message on its way to a lock. */
export interface Tapped {
  /** Client id of the lock. */
  readonly lock: string;
  readonly topic: string;
  readonly payload: Buffer;
}

/** A broker that is not to be trusted: it sees what goes to locks, keeps it back, and says it again. */
export interface WireTap {
  readonly url: string;
  /** Everything that went, or should have gone, to locks. */
  readonly seen: readonly Tapped[];
  /** Keeps messages back for which this holds, from now on. */
  holdBack(which: (message: Tapped) => boolean): void;
  /** Says something to a lock, over its own connection. */
  say(lock: string, message: { readonly topic: string; readonly payload: Buffer; readonly retain?: boolean }): void;
  stop(): Promise<void>;
}

function textAt(bytes: Buffer, at: number): { readonly value: string; readonly end: number } {
  const end = at + 2 + bytes.readUInt16BE(at);
  return { value: bytes.toString("utf8", at + 2, end), end };
}

function published(lock: string, { flags, body }: Packet): Tapped {
  const { value: topic, end } = textAt(body, 0);
  const qos = (flags >> 1) & 3;
  return { lock, topic, payload: Buffer.from(body.subarray(qos > 0 ? end + 2 : end)) };
}

/** Starts a tap in front of a broker, for locks to connect to. */
export async function startWireTap(brokerUrl: string): Promise<WireTap> {
  const broker = Number(new URL(brokerUrl).port);
  const seen: Tapped[] = [];
  const lines = new Map<string, Socket>();
  let holdsBack: (message: Tapped) => boolean = () => false;
  const sockets = new Set<Socket>();

  const serve = (near: Socket): void => {
    const far = connect({ host: HOST, port: broker, noDelay: true });
    let lock = "";
    let early: Buffer = Buffer.alloc(0);
    let rest: Buffer = Buffer.alloc(0);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on("data", (chunk) => {
      far.write(chunk);
      if (lock !== "") return;
      early = Buffer.concat([early, Buffer.from(chunk)]);
      const first = takePackets(early).packets[0];
      // Protocol name, level, flags and keep-alive stand before the client id.
      if (first?.type === CONNECT) lock = textAt(first.body, textAt(first.body, 0).end + 4).value;
      lines.set(lock, near);
    });
    // Whole packets only, so that something said in between never lands in the middle of another.
    far.on("data", (chunk) => {
      const taken = takePackets(Buffer.concat([rest, Buffer.from(chunk)]));
      rest = taken.rest;
      for (const each of taken.packets) {
        const message = each.type === PUBLISH ? published(lock, each) : undefined;
        if (message !== undefined) seen.push(message);
        if (message === undefined || !holdsBack(message)) {
          near.write(packet((each.type << 4) | each.flags, each.body));
        }
      }
    });
  };

  const server = createServer(serve).listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `mqtt://${HOST}:${port}`,
    seen,
    holdBack: (which) => {
      holdsBack = which;
    },
    say: (lock, { topic, payload, retain = false }) => {
      lines.get(lock)?.write(packet(0x30 | (retain ? 1 : 0), text(topic), payload));
    },
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
