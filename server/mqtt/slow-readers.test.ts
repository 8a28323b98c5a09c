import { afterEach, describe, expect, test } from "vitest";
import { startTestBroker, testCredential } from "../simulation/broker.ts";
import type { TestBroker, TestCredential } from "../simulation/broker.ts";
import { RawMqtt } from "../simulation/raw-mqtt.ts";

const TENANT = "tenant-fjordby";
const hub = testCredential({ user: "hub-first" });
const otherHub = testCredential({ user: "hub-second" });
const frozen = testCredential({ user: "lock-frozen", tenant: TENANT });
const lively = testCredential({ user: "lock-lively", tenant: TENANT });

/** What the kernel's buffers of both ends swallow before the broker feels anything, with room. */
const FLOOD_MESSAGES = 5_000;
const FLOOD = Buffer.alloc(4_000, "x");
/** Every so many messages somebody else's message must come through. */
const PROBE_EVERY = 250;
/** Far above a round trip on a busy machine, far below the seconds that a stall takes. */
const STALL_MS = 1_500;

const topic = (lock: TestCredential, channel: string): string => `portner/1/${TENANT}/${lock.user}/${channel}`;

describe.each(["embedded", "mosquitto"] as const)("on the %s broker", (kind) => {
  let broker: TestBroker;
  afterEach(() => broker.stop());

  async function joined({ user, secret }: TestCredential, ...topics: string[]): Promise<RawMqtt> {
    const client = new RawMqtt(broker.url);
    expect(await client.connect({ clientId: user, user, secret })).toBe(0);
    for (const it of topics) expect(await client.subscribe(it)).toBe(1);
    return client;
  }

  test("a lock that stops reading stalls nobody", async () => {
    broker = await startTestBroker({ credentials: [hub, frozen, lively], kind });
    const sender = await joined(hub);
    const deaf = await joined(frozen, topic(frozen, "cmd"));
    const other = await joined(lively, topic(lively, "cmd"));
    deaf.freeze();
    let slowestMs = 0;
    for (let i = 0; i < FLOOD_MESSAGES; i += 1) {
      await sender.publish(topic(frozen, "cmd"), FLOOD);
      if (i % PROBE_EVERY !== 0) continue;
      const startedAt = performance.now();
      await sender.publish(topic(lively, "cmd"), `probe-${i}`);
      expect(await other.arrived(topic(lively, "cmd"), `probe-${i}`)).toBe(true);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
    expect(slowestMs).toBeLessThan(STALL_MS);
    deaf.thaw();
    if (kind === "embedded") expect(await deaf.hungUp()).toBe(true);
    deaf.cut();
  });

  test("a hub that stops reading stalls neither the locks nor the other hub", async () => {
    broker = await startTestBroker({ credentials: [hub, otherHub, lively], kind });
    const deaf = await joined(hub, "portner/1/+/+/evt");
    const awake = await joined(otherHub, "portner/1/+/+/evt");
    const lock = await joined(lively);
    deaf.freeze();
    let slowestMs = 0;
    for (let i = 0; i < FLOOD_MESSAGES; i += 1) {
      await lock.publish(topic(lively, "evt"), FLOOD);
      if (i % PROBE_EVERY !== 0) continue;
      const startedAt = performance.now();
      await lock.publish(topic(lively, "evt"), `probe-${i}`);
      expect(await awake.arrived(topic(lively, "evt"), `probe-${i}`)).toBe(true);
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    }
    expect(slowestMs).toBeLessThan(STALL_MS);
    deaf.cut();
  });
});
