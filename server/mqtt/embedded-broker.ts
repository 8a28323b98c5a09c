import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { Aedes } from "aedes";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { accessControl } from "./access-control.ts";
import {
  BROKER_CONNECTIONS_MAX,
  CONNECT_TIMEOUT_MS,
  DRAIN_TIMEOUT_MS,
  HUB_BACKLOG_BYTES_MAX,
  PACKET_BYTES_MAX,
} from "./broker-limits.ts";
import { watchCredentials } from "./credentials-watch.ts";
import type { CredentialFault } from "./credentials.ts";
import { isLoopback } from "./endpoint.ts";
import { limitPackets } from "./packet-gauge.ts";
import { paceReads } from "./paced-reads.ts";

/** Where the embedded broker listens and from which file it learns who may connect. Port 0 takes a free one. */
export type BrokerOptions = {
  readonly host: string;
  readonly port: number;
  readonly credentialsPath: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Why the embedded broker did not start. */
export type BrokerStartFailure =
  | { readonly code: "BROKER_NOT_LOOPBACK"; readonly host: string }
  | { readonly code: "BROKER_PORT_TAKEN"; readonly host: string; readonly port: number }
  | { readonly code: "BROKER_LISTEN_FAILED"; readonly host: string; readonly port: number; readonly cause: string }
  | CredentialFault;

/** The embedded broker, running in this process. */
export type RunningBroker = {
  /** `mqtt://host:port`, without credentials. */
  readonly url: string;
  readonly port: number;
  /** Reads the credentials file now; answers how many credentials count from here on. */
  reload(): Promise<Result<number, CredentialFault>>;
  /** Ends every connection and frees the port. */
  stop(): Promise<void>;
};

function listen(server: Server, host: string, port: number): Promise<Result<AddressInfo, BrokerStartFailure>> {
  return new Promise((resolve) => {
    server.once("error", (cause) => {
      const code = "code" in cause ? String(cause.code) : "UNKNOWN";
      const failure = code === "EADDRINUSE" ? "BROKER_PORT_TAKEN" : "BROKER_LISTEN_FAILED";
      resolve(fail({ code: failure, host, port, cause: code }));
    });
    server.listen(port, host, () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(ok(address));
    });
  });
}

function urlOf({ address, port, family }: AddressInfo): string {
  return family === "IPv6" ? `mqtt://[${address}]:${port}` : `mqtt://${address}:${port}`;
}

async function closeAll(server: Server, sockets: ReadonlySet<Socket>, aedes: Aedes): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  await new Promise<void>((resolve) => aedes.close(() => resolve()));
  for (const socket of sockets) socket.destroy();
  await closed;
}

/**
 * Runs the embedded broker in this process; `startBrokerProcess` gives it one of its own. Loopback only, MQTT 3.1.1,
 * clean sessions, rules of `may`. Retained documents live in memory: after a restart the hubs lay them again, since
 * they do so on every connect. Losing them, or any message, can open no door (design §1.5).
 */
export async function runBroker(options: BrokerOptions): Promise<Result<RunningBroker, BrokerStartFailure>> {
  const { host, port, credentialsPath, clock, log } = options;
  if (!isLoopback(host)) return fail({ code: "BROKER_NOT_LOOPBACK", host });
  const watch = await watchCredentials(credentialsPath, { clock, log });
  if (!watch.ok) return watch;
  const credentials = watch.value;

  const control = accessControl({ find: (user) => credentials.current().get(user), log });
  const aedes = await Aedes.createBroker({
    ...control.handlers,
    // Any other number makes messages wait in one queue, which Aedes empties by recursion: many messages that nobody
    // hears would overflow the stack and end the broker. What is under way is bounded by a chunk for each connection.
    concurrency: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
  });
  for (const event of ["clientError", "connectionError"] as const) {
    aedes.on(event, (client, cause) =>
      log.debug({ client: client.id, cause: cause.message }, "broker connection failed"),
    );
  }
  credentials.onChange(() => control.endRevoked());

  const sockets = new Set<Socket>();
  // With a buffer above every backlog limit no write ever waits for a slow reader, so nobody waits behind one.
  const server = createServer({ noDelay: true, highWaterMark: HUB_BACKLOG_BYTES_MAX + PACKET_BYTES_MAX }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    limitPackets(socket, PACKET_BYTES_MAX);
    paceReads(socket);
    aedes.handle(socket);
  });
  server.maxConnections = BROKER_CONNECTIONS_MAX;
  const address = await listen(server, host, port);
  if (!address.ok) {
    credentials.stop();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    return address;
  }
  log.info({ host, port: address.value.port }, "broker listens");
  return ok({
    url: urlOf(address.value),
    port: address.value.port,
    reload: () => credentials.reload(),
    stop: async () => {
      credentials.stop();
      await closeAll(server, sockets, aedes);
    },
  });
}
