import { connect, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";

/** Where a broker is reached. */
export type BrokerEndpoint = { readonly host: string; readonly port: number; readonly secure: boolean };

/** Why a broker's address can't be used. */
export type EndpointFailure =
  /** Not `mqtt://host[:port]` or `mqtts://host[:port]`, or with user, path or query in it. */
  | { readonly code: "BROKER_URL_INVALID" }
  /** Plain `mqtt` to another machine would show every secret on the way; it takes `mqtts`. */
  | { readonly code: "BROKER_URL_INSECURE"; readonly host: string };

const PORTS = new Map([
  ["mqtt:", 1_883],
  ["mqtts:", 8_883],
]);

/** Whether the host name or address can only be this machine. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** Reads a broker's address. Credentials do not belong in it: addresses end up in logs. */
export function parseEndpoint(text: string): Result<BrokerEndpoint, EndpointFailure> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const standardPort = url === undefined ? undefined : PORTS.get(url.protocol);
  if (url === undefined || standardPort === undefined || url.hostname === "")
    return fail({ code: "BROKER_URL_INVALID" });
  const extras = [url.username, url.password, url.search, url.hash, url.pathname.replace(/^\/$/, "")];
  if (extras.some((part) => part !== "")) return fail({ code: "BROKER_URL_INVALID" });
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const secure = url.protocol === "mqtts:";
  if (!secure && !isLoopback(host)) return fail({ code: "BROKER_URL_INSECURE", host });
  return ok({ host, port: url.port === "" ? standardPort : Number(url.port), secure });
}

/**
 * Opens a socket with Nagle's algorithm off, which otherwise adds 40–90 ms to every command. `ca` (PEM) replaces the
 * machine's certificate authorities; a certificate that does not prove the host ends the socket with an error.
 */
export function openSocket(endpoint: BrokerEndpoint, ca?: string): Socket {
  const { host, port, secure } = endpoint;
  const socket = secure
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...(ca !== undefined && { ca }) })
    : connect({ host, port });
  return socket.setNoDelay(true);
}
