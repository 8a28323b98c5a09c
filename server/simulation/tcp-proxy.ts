import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";

const HOST = "127.0.0.1";

/** A line that a test can break: everything that goes to its port goes on to another. */
export interface TcpProxy {
  readonly port: number;
  /** Ends every connection and takes no new one: the machine at the other end is off. */
  cut(): void;
  /** Takes connections again. */
  heal(): void;
  stop(): Promise<void>;
}

/** Starts a proxy to a port of loopback. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const track = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on("data", (chunk) => void other.write(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      other.destroy();
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
    heal: () => {
      isCut = false;
    },
    stop: async () => {
      server.close();
      endAll();
      await once(server, "close");
    },
  };
}
