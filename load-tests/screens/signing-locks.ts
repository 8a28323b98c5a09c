import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { connect as connectTcp } from "node:net";
import {
  claimProofText,
  seal,
  signingInput,
  topicText,
  toBase64url,
  type EventMessage,
  type UnitClaim,
} from "@portner/schema/mqtt";
import mqtt, { type MqttClient } from "mqtt";
import { z } from "zod";
import { monotonic, pause, wallTime } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { ask, nobody } from "../installation/api.ts";
import type { WaitingLock } from "./measuring-street.ts";

/** Claims that are under way at once; the hub hashes for each. */
const CLAIMS_AT_ONCE = 8;
/** What no hub has acknowledged is said again after this, as by every lock; a hub learns of a unit after its claim. */
const REPEAT_AFTER_MS = 2_000;
const REPEAT_MS = 500;
/** Events that a hub takes in out of order. */
const WINDOW = 16;
const START_UP_MS_MAX = 60_000;
/** How often it is looked whether an event is due. */
const TURN_MS = 2;

const COMMISSION = `mutation($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) {
  ... on CommissionLockUnitSuccess { lock unit tenant brokerUrl brokerSecret } ... on UserError { failure: code } } }`;
const Given = z.object({
  commissionLockUnit: z.object({
    ...{ lock: z.string(), unit: z.string(), tenant: z.string(), brokerUrl: z.string(), brokerSecret: z.string() },
  }),
});

const Ack = z.looseObject({ unit: z.string(), seq: z.number() });

/** The middle part of a signed message; whether a hub signed it is the business of real locks. */
function claimsOf(message: string): string {
  return Buffer.from(message.split(".")[1] ?? "", "base64url").toString("utf8");
}

/** What was sent. */
export interface Drive {
  /** Events, each with the time it was due as the lock's own time of it. */
  readonly sent: number;
  /** How late the latest of them left, in milliseconds: a driver that is late itself measures nothing. */
  readonly latestMs: number;
}

/** Locks that say what a test wants, signed, over connections of their own. */
export interface SigningLocks {
  /** Has doors open and close at a steady rate, whoever listens or not; the locks take turns. */
  drive(eventsPerSecond: number, durationMs: number): Promise<Drive>;
  end(): Promise<void>;
}

/** Commissions units for locks that wait, connects them, and has each say that it is there. */
export async function startSigningLocks(url: string, waiting: readonly WaitingLock[]): Promise<SigningLocks> {
  const locks: SigningLock[] = [];
  for (let at = 0; at < waiting.length; at += CLAIMS_AT_ONCE) {
    const some = waiting.slice(at, at + CLAIMS_AT_ONCE);
    locks.push(...(await Promise.all(some.map((each) => SigningLock.commission(url, each)))));
  }
  await Promise.all(locks.map((lock) => lock.startUp()));
  let turn = 0;
  const drive = async (eventsPerSecond: number, durationMs: number): Promise<Drive> => {
    const startedAt = monotonic();
    const startedWall = wallTime();
    const count = Math.floor((eventsPerSecond * durationMs) / 1_000);
    let latestMs = 0;
    for (let n = 0; n < count;) {
      const dueMs = (n * 1_000) / eventsPerSecond;
      const lateMs = monotonic() - startedAt - dueMs;
      if (lateMs < 0) {
        await pause(TURN_MS);
        continue;
      }
      latestMs = Math.max(latestMs, lateMs);
      locks[turn % locks.length]?.sayDoor(Math.round(startedWall + dueMs));
      turn += 1;
      n += 1;
    }
    return { sent: count, latestMs };
  };
  return { drive, end: () => Promise.all(locks.map((lock) => lock.end())).then(() => undefined) };
}

class SigningLock {
  readonly #client: MqttClient;
  readonly #topic: string;
  readonly #ackTopic: string;
  readonly #unit: string;
  readonly #key: KeyObject;
  readonly #unacked = new Map<number, { readonly bytes: Buffer; readonly saidAt: number }>();
  #repeating: ReturnType<typeof setInterval> | undefined;
  #sequence = 0;
  #isOpen = false;

  static async commission(url: string, { serial, claim, model }: WaitingLock): Promise<SigningLock> {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const said: UnitClaim = {
      ...{ serial, claim, model, firmware: "1.0.0-load" },
      publicKey: publicKey.export({ format: "jwk" }).x ?? "",
      nonce: toBase64url(randomBytes(16)),
    };
    const proof = sign(null, Buffer.from(claimProofText(said), "latin1"), privateKey).toString("base64url");
    const input = { ...said, proof };
    const answer = await ask(url, nobody, { document: COMMISSION, variables: { input }, answer: Given });
    const { lock, unit, tenant, brokerUrl, brokerSecret } = answer.commissionLockUnit;
    const { hostname, port } = new URL(brokerUrl);
    // Nagle's algorithm would hold back each message for the answer to the one before.
    const line = () => connectTcp({ host: hostname, port: Number(port), noDelay: true });
    const client = new mqtt.MqttClient(line, {
      ...{ clientId: lock, username: lock, password: brokerSecret, protocolVersion: 4, reconnectPeriod: 0 },
    });
    await new Promise<void>((resolve) => void client.once("connect", () => resolve()));
    const topic = topicText({ tenant, lock, channel: "evt" });
    const ackTopic = topicText({ tenant, lock, channel: "ack" });
    return new SigningLock({ client, unit, key: privateKey, topic, ackTopic });
  }

  constructor(parts: {
    readonly client: MqttClient;
    readonly topic: string;
    readonly ackTopic: string;
    readonly unit: string;
    readonly key: KeyObject;
  }) {
    this.#client = parts.client;
    this.#topic = parts.topic;
    this.#ackTopic = parts.ackTopic;
    this.#unit = parts.unit;
    this.#key = parts.key;
  }

  /** Says that it has started, and goes on when a hub has acknowledged it. */
  async startUp(): Promise<void> {
    const acked = Promise.withResolvers<void>();
    this.#client.on("message", (_topic, payload) => {
      const { unit, seq } = Ack.parse(JSON.parse(claimsOf(payload.toString("latin1"))));
      if (unit !== this.#unit) return;
      for (const known of this.#unacked.keys()) if (known <= seq) this.#unacked.delete(known);
      if (seq >= 1) acked.resolve();
    });
    await this.#client.subscribeAsync(this.#ackTopic, { qos: 1 });
    this.#repeating = setInterval(() => this.#repeat(), REPEAT_MS);
    const late = setTimeout(() => acked.reject(new LoadError("NOT_HEARD", "no hub heard a lock")), START_UP_MS_MAX);
    const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;
    this.#say({ ...this.#frame(wallTime()), kind: "restarted", cause: "commissioned", previous: null, facts });
    await acked.promise.finally(() => clearTimeout(late));
  }

  sayDoor(at: number): void {
    this.#isOpen = !this.#isOpen;
    this.#say({ ...this.#frame(at), kind: "door", door: this.#isOpen ? "open" : "closed" });
  }

  async end(): Promise<void> {
    clearInterval(this.#repeating);
    await this.#client.endAsync(true);
  }

  #frame(at: number) {
    this.#sequence += 1;
    const clock = { trusted: true, errorMs: 10 };
    return { v: 1 as const, unit: this.#unit, boot: 1, seq: this.#sequence, at, clock };
  }

  #say(message: EventMessage): void {
    const text = signingInput("evt", this.#unit, message);
    const bytes = Buffer.from(seal(text, sign(null, Buffer.from(text, "latin1"), this.#key)));
    this.#unacked.set(message.seq, { bytes, saidAt: monotonic() });
    this.#client.publish(this.#topic, bytes, { qos: 1 });
  }

  /** Says again what no hub has acknowledged for a while, oldest first, as every lock does. */
  #repeat(): void {
    const now = monotonic();
    const due = [...this.#unacked].filter(([, { saidAt }]) => now - saidAt >= REPEAT_AFTER_MS);
    for (const [seq, { bytes }] of due.slice(0, WINDOW)) {
      this.#unacked.set(seq, { bytes, saidAt: now });
      this.#client.publish(this.#topic, bytes, { qos: 1 });
    }
  }
}
