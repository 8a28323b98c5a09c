import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

const HOST = "127.0.0.1";

/** A line that a test can break: everything that goes to its port goes on to another. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection and takes no new one: the machine at the other end is off. */
  cut(): void;
  /** Drops whatever is sent either way and closes nothing; connections are taken, and hear nothing either. */
  freeze(): void;
  /** Takes connections again. What was open while the line was frozen stays dead, like after a lost state of a firewall. */
  heal(): void;
  stop(): Promise<void>;
}

/** Starts a proxy to a port of loopback. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const frozen = new Set<Socket>();
  let isCut = false;
  let isFrozen = false;
  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    if (isFrozen) frozen.add(socket);
    socket.on("data", (chunk) => {
      if (!frozen.has(socket)) other.write(chunk);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      if (!frozen.delete(socket)) other.destroy();
    });
  };
  const server = createServer((near) => {
    if (isCut) return void near.resetAndDestroy();
    const far = connect({ host: HOST, port: target, noDelay: true });
    near.setNoDelay(true);
    track(near, far);
    track(far, near);
  }).listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    cut: () => {
      isCut = true;
      endAll();
    },
    freeze: () => {
      isFrozen = true;
      for (const socket of sockets) frozen.add(socket);
    },
    heal: () => {
      isCut = false;
      isFrozen = false;
    },
    stop: async () => {
      server.close();
      endAll();
      await once(server, "close");
    },
  };
}
