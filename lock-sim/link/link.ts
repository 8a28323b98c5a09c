import { topicText, type LockChannel } from "@portner/schema/mqtt";
import type mqtt from "mqtt";
import type { Effects } from "../behaviours/effects.ts";
import type { Incoming } from "../firmware/authenticate.ts";
import type { HeardChannel } from "../firmware/lock.ts";
import type { Radio } from "../firmware/radio.ts";
import type { Commission } from "../firmware/record.ts";
import type { Clock } from "../ground/clock.ts";
import { between, fraction, type Random } from "../ground/random.ts";
import { openClient } from "./client.ts";
import { Lossy } from "./lossy.ts";

/** First pause before connecting again, in milliseconds; doubled up to the longest, each time shortened by chance. */
const RECONNECT_MS_MIN = 500;
const RECONNECT_MS_MAX = 8_000;
/** A connection that held this long was a good one: the next pause is the first again, in milliseconds. */
const STEADY_MS = 10_000;
const RSSI_DBM = [-82, -58] as const;

/** The firmware at the lock's end of the link. */
export interface LinkEnd {
  will(): Uint8Array;
  connected(): void;
  disconnected(): void;
  receive(channel: HeardChannel, incoming: Incoming): void;
}

interface Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly effects: () => Effects;
  readonly identity: Commission;
  /** Where to connect instead of where the commissioning said. */
  readonly brokerUrl?: string | undefined;
  /** Hears why a connection ended; for progress only. */
  readonly closed: (reason: string) => void;
}

/** A lock's radio: one connection at a time, tried again for ever. What can't be sent now is not sent. */
export class Link implements Radio {
  readonly #deps: Deps;
  readonly #lossy: Lossy;
  readonly #heard: ReadonlyMap<string, HeardChannel>;
  #end: LinkEnd | undefined;
  #client: mqtt.MqttClient | undefined;
  #isUp = false;
  #backoffMs = RECONNECT_MS_MIN;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(deps: Deps) {
    const { tenant, lock } = deps.identity;
    this.#deps = deps;
    this.#lossy = new Lossy(deps);
    const own = (["cmd", "ack", "ans", "cfg"] as const).map(
      (channel) => [topicText({ tenant, lock, channel }), channel] as const,
    );
    this.#heard = new Map<string, HeardChannel>([...own, [topicText({ tenant, channel: "deny" }), "deny"]]);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Connects after `delayMs`, and from then on whenever there is no connection. */
  start(end: LinkEnd, delayMs: number): void {
    this.#end = end;
    this.#cancel = this.#deps.clock.after(delayMs, () => this.#connect());
  }

  publish(channel: LockChannel, payload: Uint8Array): boolean {
    const { tenant, lock } = this.#deps.identity;
    if (!this.#isUp) return false;
    this.#lossy.pass(() => {
      if (!this.#isUp) return;
      const qos = channel === "tel" ? 0 : 1;
      this.#client?.publish(
        topicText({ tenant, lock, channel }),
        this.#lossy.garbled(payload),
        { qos },
        () => undefined,
      );
    });
    return true;
  }

  rssiDbm(): number {
    return Math.round(between(this.#deps.random, RSSI_DBM[0], RSSI_DBM[1]));
  }

  /** Ends the link. `politely` says goodbye to the broker, so that it does not publish the will. */
  async stop(politely: boolean): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    const client = this.#client;
    this.#down();
    await client?.endAsync(!politely);
  }

  #connect(): void {
    const { identity, brokerUrl = identity.brokerUrl, closed, clock } = this.#deps;
    const { tenant, lock, brokerSecret: secret } = identity;
    if (this.#stopped || this.#end === undefined) return;
    const will = { topic: topicText({ tenant, lock, channel: "gone" }), payload: this.#end.will() };
    const client = openClient({ brokerUrl, lock, secret, will });
    const openedAt = clock.monotonic();
    let reason = "closed";
    this.#client = client;
    client.on("error", (error) => {
      reason = error.message;
    });
    client.on("connect", () => void this.#subscribe(client));
    client.on("message", (topic, bytes, packet) => this.#hear(topic, { bytes, retained: packet.retain }));
    client.on("close", () => {
      if (client !== this.#client) return;
      if (clock.monotonic() - openedAt >= STEADY_MS) this.#backoffMs = RECONNECT_MS_MIN;
      this.#down();
      client.end(true);
      closed(reason);
      this.#again();
    });
  }

  async #subscribe(client: mqtt.MqttClient): Promise<void> {
    try {
      const granted = await client.subscribeAsync([...this.#heard.keys()], { qos: 1 });
      if (client !== this.#client || granted.some((grant) => grant.qos === 128)) return void client.end(true);
    } catch {
      return void client.end(true);
    }
    this.#isUp = true;
    this.#end?.connected();
  }

  #hear(topic: string, incoming: Incoming): void {
    const channel = this.#heard.get(topic);
    if (channel === undefined) return;
    this.#lossy.pass(() => {
      if (!this.#stopped) this.#end?.receive(channel, incoming);
    });
  }

  #down(): void {
    this.#client = undefined;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#end?.disconnected();
  }

  #again(): void {
    if (this.#stopped) return;
    const pauseMs = this.#backoffMs * (0.5 + fraction(this.#deps.random) / 2);
    this.#backoffMs = Math.min(RECONNECT_MS_MAX, this.#backoffMs * 2);
    this.#cancel = this.#deps.clock.after(pauseMs, () => this.#connect());
  }
}
