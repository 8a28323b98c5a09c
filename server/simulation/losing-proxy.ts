import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

const HOST = "127.0.0.1";

/** A line whose answers a test can lose. */
export interface LosingProxy {
  readonly port: number;
  /** Answers lost so far. */
  readonly lost: number;
  /** The next thing that the other end says is lost, and its connection with it: what it did, it has done. */
  loseNextAnswer(): void;
  stop(): Promise<void>;
}

/** Starts a proxy to a port of loopback. */
export async function startLosingProxy(target: number): Promise<LosingProxy> {
  const sockets = new Set<Socket>();
  let losing = false;
  let lost = 0;
  const pass = (from: Socket, to: Socket, isAnswer: boolean): void => {
    sockets.add(from);
    from.on("data", (chunk) => {
      if (!isAnswer || !losing) return void to.write(chunk);
      losing = false;
      lost += 1;
      from.destroy();
    });
    from.on("error", () => undefined);
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((near) => {
    const far = connect({ host: HOST, port: target, noDelay: true });
    near.setNoDelay(true);
    pass(near, far, false);
    pass(far, near, true);
  }).listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    get lost() {
      return lost;
    },
    loseNextAnswer: () => {
      losing = true;
    },
    stop: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
