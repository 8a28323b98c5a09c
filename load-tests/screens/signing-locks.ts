import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { once } from "node:events";
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
import { ask, nobody } from "../installation/api.ts";
import type { WaitingLock } from "./measuring-street.ts";

/** Claims that are under way at once; the hub hashes for each. */
const CLAIMS_AT_ONCE = 8;
/** How often it is looked whether an event is due. */
const TURN_MS = 2;

const COMMISSION = `mutation($input: CommissionLockUnitInput!) { commissionLockUnit(input: $input) {
  ... on CommissionLockUnitSuccess { lock unit tenant brokerUrl brokerSecret } ... on UserError { failure: code } } }`;
const Given = z.object({
  commissionLockUnit: z.object({
    ...{ lock: z.string(), unit: z.string(), tenant: z.string(), brokerUrl: z.string(), brokerSecret: z.string() },
  }),
});

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
  for (const lock of locks) lock.sayRestarted();
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
  readonly #unit: string;
  readonly #key: KeyObject;
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
    client.connect();
    await once(client, "connect");
    return new SigningLock({ client, unit, key: privateKey, topic: topicText({ tenant, lock, channel: "evt" }) });
  }

  constructor(parts: {
    readonly client: MqttClient;
    readonly topic: string;
    readonly unit: string;
    readonly key: KeyObject;
  }) {
    this.#client = parts.client;
    this.#topic = parts.topic;
    this.#unit = parts.unit;
    this.#key = parts.key;
  }

  sayRestarted(): void {
    const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;
    this.#say({ ...this.#frame(wallTime()), kind: "restarted", cause: "commissioned", previous: null, facts });
  }

  sayDoor(at: number): void {
    this.#isOpen = !this.#isOpen;
    this.#say({ ...this.#frame(at), kind: "door", door: this.#isOpen ? "open" : "closed" });
  }

  async end(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #frame(at: number) {
    this.#sequence += 1;
    const clock = { trusted: true, errorMs: 10 };
    return { v: 1 as const, unit: this.#unit, boot: 1, seq: this.#sequence, at, clock };
  }

  #say(message: EventMessage): void {
    const text = signingInput("evt", this.#unit, message);
    const bytes = seal(text, sign(null, Buffer.from(text, "latin1"), this.#key));
    this.#client.publish(this.#topic, Buffer.from(bytes), { qos: 1 });
  }
}
