/** The floor of any live stream: `ws` sockets, and one framed buffer that is written to each of them for every event. */
import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";
import { z } from "zod";
import { serverFrame } from "../generators/frames.ts";
import { listenSomewhere } from "../process/port.ts";

const { payload } = z.object({ payload: z.string() }).parse(JSON.parse(process.argv[2] ?? ""));

const open = new Set<Duplex>();
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, () => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
});

function broadcast(left: number): void {
  if (left === 0) return;
  const framed = serverFrame(Buffer.from(payload));
  for (const socket of open) socket.write(framed);
  setImmediate(() => broadcast(left - 1));
}

createInterface({ input: process.stdin }).on("line", (line) => broadcast(Number(line)));
process.stdout.write(`ready ${await listenSomewhere(server)}\n`);
