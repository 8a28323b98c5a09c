import type { AedesOptions, AedesPublishPacket, Client, ConnectPacket } from "aedes";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { may, mayLeaveWill } from "./access-rules.ts";
import type { AccessVerdict, BrokerPrincipal } from "./access-rules.ts";
import { HUB_BACKLOG_BYTES_MAX, LOCK_BACKLOG_BYTES_MAX } from "./broker-limits.ts";
import type { Credential } from "./credentials.ts";
import { verifies } from "./verifier.ts";

/** Protocol level of MQTT 3.1.1; the older one has other rules for client ids. */
const PROTOCOL_LEVEL = 4;

type Session = { readonly principal: BrokerPrincipal; readonly verifier: string };

/** Ends the connection of somebody who published what is not theirs. */
class BrokerRefusedError extends PortnerError {
  override readonly name = "BrokerRefusedError";
}

function principalOf(credential: Credential): BrokerPrincipal {
  return credential.role === "hub"
    ? { role: "hub" }
    : { role: "lock", tenant: credential.tenant, lock: credential.user };
}

/** The principal that a CONNECT proves, or why it proves none. */
function admit(
  credential: Credential | undefined,
  packet: ConnectPacket | undefined,
  secret: Uint8Array,
): BrokerPrincipal | "credentials" | "client_id" | "session" | "will" {
  if (credential === undefined || packet === undefined) return "credentials";
  if (!verifies(credential.verifier, secret)) return "credentials";
  if (packet.clientId !== credential.user) return "client_id";
  // What a durable session keeps for a sleeper is a queue, and queued commands are what we never want.
  if (packet.clean !== true || packet.protocolVersion !== PROTOCOL_LEVEL) return "session";
  const principal = principalOf(credential);
  const { will } = packet;
  if (will === undefined) return principal;
  const { topic, retain = false, qos = 0 } = will;
  return mayLeaveWill(principal, { topic, retain, qos }).allowed ? principal : "will";
}

type AccessHandlers = Required<
  Pick<AedesOptions, "preConnect" | "authenticate" | "authorizePublish" | "authorizeSubscribe" | "authorizeForward">
>;

/** The broker's gate: who may connect, and the rules on everything they do. */
export type AccessControl = {
  readonly handlers: AccessHandlers;
  /** Ends the connections whose credentials were taken away or replaced. */
  endRevoked(): void;
};

/** Builds the gate over a way to find a user's credential. */
export function accessControl(deps: { find: (user: string) => Credential | undefined; log: Log }): AccessControl {
  const connects = new WeakMap<Client, ConnectPacket>();
  // A will is published after its connection has closed, so a session is known for as long as its client object.
  const sessions = new WeakMap<Client, Session>();
  const live = new Set<Client>();

  function refuse(client: Client | null, action: string, verdict: AccessVerdict): void {
    if (!verdict.allowed) deps.log.info({ client: client?.id, action, reason: verdict.reason }, "broker refused");
  }

  function authenticate(client: Client, user: string | undefined, secret: Uint8Array | undefined): boolean {
    const credential = user === undefined ? undefined : deps.find(user);
    const admitted = admit(credential, connects.get(client), secret ?? new Uint8Array());
    connects.delete(client);
    if (typeof admitted === "string" || credential === undefined) {
      deps.log.info({ reason: admitted }, "broker refused a connection");
      return false;
    }
    sessions.set(client, { principal: admitted, verifier: credential.verifier });
    live.add(client);
    client.conn.once("close", () => live.delete(client));
    return true;
  }

  function forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const session = sessions.get(client);
    if (session === undefined) return null;
    const backlogBytesMax = session.principal.role === "hub" ? HUB_BACKLOG_BYTES_MAX : LOCK_BACKLOG_BYTES_MAX;
    if (client.conn.writableLength > backlogBytesMax) {
      deps.log.warn({ client: client.id }, "broker cut off a client that does not read");
      client.conn.destroy();
      return null;
    }
    return may(session.principal, { action: "receive", topic: packet.topic }).allowed ? packet : null;
  }

  return {
    handlers: {
      preConnect: (client, packet, done) => {
        connects.set(client, packet);
        done(null, true);
      },
      authenticate: (client, user, secret, done) => done(null, authenticate(client, user, secret)),
      authorizePublish: (client, packet, done) => {
        const session = client === null ? undefined : sessions.get(client);
        if (session === undefined) return done(new BrokerRefusedError("BROKER_REFUSED", "no session"));
        const verdict = may(session.principal, { action: "publish", ...packet });
        refuse(client, "publish", verdict);
        return done(verdict.allowed ? null : new BrokerRefusedError("BROKER_REFUSED", verdict.reason));
      },
      authorizeSubscribe: (client, subscription, done) => {
        const session = sessions.get(client);
        const verdict: AccessVerdict =
          session === undefined
            ? { allowed: false, reason: "filter" }
            : may(session.principal, { action: "subscribe", ...subscription });
        refuse(client, "subscribe", verdict);
        done(null, verdict.allowed ? subscription : null);
      },
      authorizeForward: forward,
    },
    endRevoked: () => {
      for (const client of live) {
        if (deps.find(client.id)?.verifier !== sessions.get(client)?.verifier) client.conn.destroy();
      }
    },
  };
}
