import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";

/** Listens on a free port of loopback. */
export async function listenSomewhere(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenSomewhere(server);
  server.close();
  await once(server, "close");
  return port;
}
