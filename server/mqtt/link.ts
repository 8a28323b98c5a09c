import { MqttClient } from "mqtt";
import type { BrokerEndpoint } from "./endpoint.ts";
import { openSocket } from "./endpoint.ts";

/** A broker that is gone is noticed after at most one and a half of these, that is 7.5 s. */
const KEEPALIVE_SECONDS = 5;

/** From the first packet to the broker's welcome; a broker that takes longer is away. */
const CONNECT_TIMEOUT_MS = 5_000;

/** The protocol that both brokers speak: MQTT 3.1.1. */
const PROTOCOL_LEVEL = 4;

/** Lowest CONNACK code that means "not you" (MQTT 3.1.1, §3.2.2.3: 4 bad credentials, 5 not authorized). */
const CONNACK_REFUSED_MIN = 4;
const CONNACK_REFUSED_MAX = 5;

/** Why there is no link: nobody answers, the broker knows us not, it will not let us hear, or the line broke. */
export type LinkLoss = "UNREACHABLE" | "REFUSED" | "SUBSCRIPTION_REFUSED" | "LOST";

/** A message as it came from the broker. */
export type RawMessage = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  readonly duplicate: boolean;
};

/** A message for the broker, at QoS 1. */
export type RawPublish = { readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean };

/** One attempt at the broker, from dialling to the end of the line. It is never revived: a new attempt is a new link. */
export type Link = {
  /** Hands a message to the line. `settled` hears whether the broker confirmed it; it may never be called. */
  publish(message: RawPublish, settled: (confirmed: boolean) => void): void;
  close(): void;
};

export type LinkOptions = {
  readonly endpoint: BrokerEndpoint;
  /** User name and client id. `undefined` connects as nobody. */
  readonly user?: string;
  readonly secret?: string;
  readonly ca?: string;
  readonly filters: readonly string[];
};

export type LinkEvents = {
  /** Connected, and every filter granted. */
  ready(): void;
  /** Over, for good; called once, also after `close`. */
  lost(reason: LinkLoss): void;
  message(message: RawMessage): void;
};

function reasonOf(cause: unknown, wasReady: boolean): LinkLoss {
  if (wasReady) return "LOST";
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const refused = typeof code === "number" && code >= CONNACK_REFUSED_MIN && code <= CONNACK_REFUSED_MAX;
  return refused ? "REFUSED" : "UNREACHABLE";
}

/**
 * Dials the broker once. The client library's reconnecting, resubscribing and queueing stay off: a fresh client for
 * each attempt has no store from which an open of yesterday could be delivered.
 */
export function openLink(options: LinkOptions, events: LinkEvents): Link {
  const client = new MqttClient(() => openSocket(options.endpoint, options.ca), {
    ...(options.user !== undefined && { clientId: options.user, username: options.user }),
    ...(options.secret !== undefined && { password: options.secret }),
    clean: true,
    protocolVersion: PROTOCOL_LEVEL,
    keepalive: KEEPALIVE_SECONDS,
    // A ping that every outgoing message postpones would never find out that nobody answers.
    reschedulePings: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
  });
  let ready = false;
  let over = false;

  function lose(reason: LinkLoss): void {
    if (over) return;
    over = true;
    client.end(true);
    events.lost(reason);
  }

  function becomeReady(): void {
    if (over) return;
    ready = true;
    events.ready();
  }

  client.on("connect", () => {
    if (options.filters.length === 0) return becomeReady();
    client.subscribe([...options.filters], { qos: 1 }, (cause, granted) => {
      const refused = cause !== null || (granted ?? []).some(({ qos }) => qos > 1);
      if (refused) lose("SUBSCRIPTION_REFUSED");
      else becomeReady();
    });
  });
  // The library confirms a QoS 1 message right after these listeners, never waiting for a commit (design §3).
  client.on("message", (topic, payload, packet) => {
    if (!over) events.message({ topic, payload, retained: packet.retain, duplicate: packet.dup });
  });
  client.on("error", (cause) => lose(reasonOf(cause, ready)));
  client.on("close", () => lose(ready ? "LOST" : "UNREACHABLE"));

  return {
    publish: ({ topic, payload, retain }, settled) => {
      client.publish(
        topic,
        Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
        { qos: 1, retain },
        (cause) => settled(!cause),
      );
    },
    close: () => lose("LOST"),
  };
}
