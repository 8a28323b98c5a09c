import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import mqtt from "mqtt";

/** A ping this often keeps a quiet connection known to be alive, in seconds. */
const KEEPALIVE_SECONDS = 30;
/** How long a broker may take to answer a connect, in milliseconds. */
const CONNECT_MS_MAX = 10_000;
const PORT_PLAIN = 1883;
const PORT_TLS = 8883;

/** Who connects, where, and what the broker says of it when the connection breaks. */
export interface ClientSettings {
  readonly brokerUrl: string;
  readonly lock: string;
  readonly secret: string;
  readonly will: { readonly topic: string; readonly payload: Uint8Array };
}

/**
 * One MQTT 3.1.1 connection with a clean session. It never connects again by itself and keeps nothing while offline:
 * a new connection is a new client, so that nothing of the old one is sent late.
 */
export function openClient(settings: ClientSettings): mqtt.MqttClient {
  const { brokerUrl, lock, secret, will } = settings;
  const url = new URL(brokerUrl);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const stream = () =>
    url.protocol === "mqtts:"
      ? connectTls({ host, port: Number(url.port || PORT_TLS), ...(isIP(host) === 0 && { servername: host }) })
      : connectTcp({ host, port: Number(url.port || PORT_PLAIN) });
  return new mqtt.MqttClient(() => stream().setNoDelay(true), {
    protocolVersion: 4,
    clientId: lock,
    username: lock,
    password: secret,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_MS_MAX,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: false },
  });
}
