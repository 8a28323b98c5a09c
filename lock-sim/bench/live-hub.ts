import { wallTime } from "../ground/clock.ts";
import { SimulatorError } from "../ground/fault.ts";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import {
  claimProofText,
  parseTopic,
  topicText,
  type EventMessage,
  type MessageByType,
  type UnitClaim,
} from "@portner/schema/mqtt";
import mqtt from "mqtt";
import { z } from "zod";
import { isSignedBy, readPublicKey } from "../firmware/keys.ts";
import { BenchHub, makeHubKey, readSent, type HubKey } from "./hub.ts";

const CommissionCall = z.object({
  variables: z.object({
    input: z.object({
      serial: z.string(),
      claim: z.string(),
      publicKey: z.string(),
      model: z.string(),
      firmware: z.string(),
      nonce: z.string(),
      proof: z.string(),
    }),
  }),
});

/** A lock as the hub of a test knows it. */
export interface LiveLock {
  readonly hub: BenchHub;
  readonly events: EventMessage[];
  beats: number;
  gone: number;
}

function isProof(said: UnitClaim, proof: string): boolean {
  const key = readPublicKey(said.publicKey);
  return key !== undefined && isSignedBy(key, claimProofText(said), Buffer.from(proof, "base64url"));
}

/** What the hub of a test needs: a broker, and how to let a lock into it. */
export interface LiveHubOptions {
  readonly brokerUrl: string;
  readonly user: string;
  readonly secret: string;
  readonly admit: (lock: { readonly tenant: string; readonly lock: string; readonly secret: string }) => Promise<void>;
}

const TENANT = "tenant-live";

/**
 * The least hub that a simulator can live with, for tests: commissions over HTTP, publishes cfg, tells the time and
 * acknowledges what comes in order, on a real broker. It decides nothing.
 */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #client: mqtt.MqttClient;
  readonly #command: HubKey = makeHubKey("command-key-1");
  readonly #server = createServer((request, response) => void this.#commission(request, response));
  /** Locks by serial number. */
  readonly locks = new Map<string, LiveLock>();
  readonly calls: string[] = [];
  readonly #nonces = new Set<string>();

  constructor(options: LiveHubOptions) {
    const { brokerUrl, user, secret: password } = options;
    this.#options = options;
    this.#client = mqtt.connect(brokerUrl, {
      clientId: user,
      username: user,
      password,
      reconnectPeriod: 100,
      clean: true,
    });
    this.#client.on("connect", () => void this.#begin());
    this.#client.on("message", (topic, payload) => this.#hear(topic, payload));
  }

  /** Starts listening; resolves with the address for `--hub`. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? (address?.port ?? 0) : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    await this.#client.endAsync(true);
  }

  lock(serial: string): LiveLock {
    const lock = this.locks.get(serial);
    if (lock === undefined) throw new SimulatorError("UNKNOWN_SERIAL", `\`${serial}\` was never commissioned`);
    return lock;
  }

  /** Sends an open command; its id. */
  async open(serial: string): Promise<string> {
    const { hub } = this.lock(serial);
    const order = hub.order(wallTime());
    await this.#publish(hub, "cmd", hub.sign("cmd", order));
    return order.id;
  }

  async #begin(): Promise<void> {
    await this.#client.subscribeAsync(
      ["evt", "ask", "tel", "gone"].map((channel) => `portner/1/+/+/${channel}`),
      { qos: 1 },
    );
    for (const { hub } of this.locks.values()) await this.#publish(hub, "cfg", hub.cfg(), true);
  }

  async #publish(
    hub: BenchHub,
    channel: "cmd" | "ack" | "ans" | "cfg",
    bytes: Uint8Array,
    retain = false,
  ): Promise<void> {
    const { tenant, lock } = hub.commission;
    await this.#client.publishAsync(topicText({ tenant, lock, channel }), Buffer.from(bytes), { qos: 1, retain });
  }

  async #commission(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const { input } = CommissionCall.parse(JSON.parse(Buffer.concat(chunks).toString("utf8"))).variables;
    const { serial, proof, ...said } = input;
    if (!isProof({ serial, ...said }, proof) || this.#nonces.has(input.nonce)) {
      response.writeHead(400).end();
      return;
    }
    this.#nonces.add(input.nonce);
    this.calls.push(serial);
    const name = `lock-${serial.toLowerCase()}`;
    const known = this.locks.get(serial)?.hub;
    const hub =
      known ?? new BenchHub({ tenant: TENANT, lock: name, unit: `unit-${serial.toLowerCase()}` }, this.#command);
    this.locks.set(serial, { hub, events: [], beats: 0, gone: 0 });
    const brokerSecret = `secret-of-${serial}`;
    await this.#options.admit({ tenant: TENANT, lock: name, secret: brokerSecret });
    await this.#publish(hub, "cfg", hub.cfg(), true);
    const { brokerUrl } = this.#options;
    const success = { __typename: "CommissionLockUnitSuccess", ...hub.commission, brokerUrl, brokerSecret };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: { commissionLockUnit: success } }));
  }

  #hear(topic: string, payload: Buffer): void {
    const place = parseTopic(topic);
    if (place === undefined || place.channel === "deny") return;
    const live = [...this.locks.values()].find(({ hub }) => hub.commission.lock === place.lock);
    if (live === undefined) return;
    if (place.channel === "evt") this.#keep(live, readSent("evt", payload));
    if (place.channel === "ask") this.#answer(live, readSent("ask", payload));
    if (place.channel === "tel") live.beats += 1;
    if (place.channel === "gone") live.gone += 1;
  }

  #keep(live: LiveLock, event: EventMessage): void {
    const last = live.events.at(-1) ?? { boot: 1, seq: 0 };
    const isNext = event.boot === last.boot ? event.seq === last.seq + 1 : event.boot > last.boot && event.seq === 1;
    if (isNext) live.events.push(event);
    const { boot, seq } = live.events.at(-1) ?? last;
    void this.#publish(live.hub, "ack", live.hub.ack(boot, seq));
  }

  #answer(live: LiveLock, ask: MessageByType["ask"]): void {
    if (ask.kind === "time") void this.#publish(live.hub, "ans", live.hub.time(ask.challenge, wallTime()));
  }
}
