import { expect, test } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { Router } from "./router.ts";
import type { LockMessage } from "./router.ts";

const LOCK = "portner/1/tenant-one/lock-first";

function raw(topic: string, bytes = 10, flags: { retained?: boolean; duplicate?: boolean } = {}) {
  return { topic, payload: new Uint8Array(bytes), retained: false, duplicate: false, ...flags };
}

test("a message reaches every handler of its channel, with tenant, lock and flags", () => {
  const router = new Router({ log: silentLog });
  const seen: LockMessage[] = [];
  router.onLock("tel", (message) => void seen.push(message));
  router.onLock("tel", (message) => void seen.push(message));
  router.onLock("evt", () => expect.unreachable());
  router.receive(raw(`${LOCK}/tel`, 3, { duplicate: true }));
  expect(seen).toHaveLength(2);
  expect(seen[0]).toEqual({
    tenant: "tenant-one",
    lock: "lock-first",
    channel: "tel",
    payload: new Uint8Array(3),
    retained: false,
    duplicate: true,
  });
});

test("the documents that the broker keeps come back, marked as retained", () => {
  const router = new Router({ log: silentLog });
  const seen: string[] = [];
  router.onLock("cfg", ({ lock, retained }) => void seen.push(`${lock} ${retained}`));
  router.onDeny(({ tenant, retained }) => void seen.push(`${tenant} ${retained}`));
  router.receive(raw(`${LOCK}/cfg`, 10, { retained: true }));
  router.receive(raw("portner/1/tenant-one/deny", 16_384, { retained: true }));
  expect(seen).toEqual(["lock-first true", "tenant-one true"]);
});

test("what can't be handed on is counted by its reason", () => {
  const router = new Router({ log: silentLog });
  router.onLock("evt", () => undefined);
  router.onDeny(() => undefined);
  router.receive(raw("home/lamp"));
  router.receive(raw(`${LOCK}/log`));
  router.receive(raw(`${LOCK}/evt`, 4_097));
  router.receive(raw("portner/1/tenant-one/deny", 16_385));
  router.receive(raw(`${LOCK}/evt`, 10, { retained: true }));
  router.receive(raw(`${LOCK}/ask`));
  router.receive(raw(`${LOCK}/evt`, 4_096));
  expect(router.counts()).toEqual({
    handed: 1,
    failed: 0,
    inFlight: 0,
    dropped: { unknown_topic: 2, oversized: 2, retained: 1, unhandled: 1, overloaded: 0 },
  });
});

test("work in flight is bounded: telemetry gives way at half, everything at the limit, and room comes back", async () => {
  const router = new Router({ log: silentLog, inFlightMax: 4 });
  const releases: (() => void)[] = [];
  const wait = (): Promise<void> => new Promise((resolve) => void releases.push(resolve));
  router.onLock("tel", wait);
  router.onLock("evt", wait);
  for (let i = 0; i < 3; i += 1) router.receive(raw(`${LOCK}/tel`));
  expect(router.counts()).toMatchObject({ inFlight: 2, dropped: { overloaded: 1 } });
  for (let i = 0; i < 4; i += 1) router.receive(raw(`${LOCK}/evt`));
  expect(router.counts()).toMatchObject({ inFlight: 4, dropped: { overloaded: 3 } });
  for (const release of releases) release();
  await expect.poll(() => router.counts().inFlight).toBe(0);
  router.receive(raw(`${LOCK}/evt`));
  expect(router.counts()).toMatchObject({ handed: 5, inFlight: 1 });
});

test("a handler that throws or rejects is counted, and the others still run", async () => {
  const router = new Router({ log: silentLog });
  let ran = 0;
  router.onLock("evt", () => {
    throw new InvariantError("planted");
  });
  router.onLock("evt", () => Promise.reject(new InvariantError("planted")));
  router.onLock("evt", () => void (ran += 1));
  router.receive(raw(`${LOCK}/evt`));
  await expect.poll(() => router.counts().failed).toBe(2);
  expect(ran).toBe(1);
  expect(router.counts().inFlight).toBe(0);
});
