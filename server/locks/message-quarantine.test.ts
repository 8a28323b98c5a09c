import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { JournalUnavailableError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import {
  KEPT_A_LOCK_AND_HOUR,
  KEPT_AN_HOUR,
  KEPT_BYTES_MAX,
  MessageQuarantine,
  type KeptMessage,
} from "./message-quarantine.ts";
import type { RegisteredLock } from "./registry.ts";

const HOUR_MS = 3_600_000;

function quarantine(store?: () => Promise<void>) {
  const kept: KeptMessage[] = [];
  const clock = new ManualClock(1_800_000_000_000);
  const keep = (message: KeptMessage): Promise<void> => {
    kept.push(message);
    return Promise.resolve();
  };
  return { kept, clock, quarantine: new MessageQuarantine({ clock, log: silentLog, store: store ?? keep }) };
}

const unitKey = generateKeyPairSync("ed25519").publicKey;
function lockOf(lock: number): RegisteredLock {
  const names = { lockId: `lock-${lock}`, tenantId: "tenant-1", serial: `S${lock}`, unitId: `unit-${lock}` };
  return {
    lock,
    door: lock,
    tenant: 1,
    unit: lock,
    unitKey,
    telemetryKey: new Uint8Array(),
    quarantinedAt: null,
    ...names,
  };
}

const message = (bytes = 3) => ({
  ...{ tenant: "tenant-1", lock: "lock-1", channel: "evt" as const, retained: false, duplicate: false },
  payload: new Uint8Array(bytes).fill(7),
});

test("of one lock ten messages an hour are kept, the rest is counted; the next hour has room again", async () => {
  const { quarantine: made, kept, clock } = quarantine();
  const nonsense = async (times: number): Promise<void> => {
    for (let sent = 0; sent < times; sent += 1) await made.keep(message(), "MALFORMED", lockOf(1));
  };
  await nonsense(KEPT_A_LOCK_AND_HOUR + 5);
  expect(kept).toHaveLength(KEPT_A_LOCK_AND_HOUR);
  expect(made.counts().get("evt:MALFORMED")).toBe(KEPT_A_LOCK_AND_HOUR + 5);
  await made.keep(message(), "BAD_SIGNATURE", lockOf(2));
  expect(kept).toHaveLength(KEPT_A_LOCK_AND_HOUR + 1);
  clock.advance(HOUR_MS);
  await nonsense(1);
  expect(kept).toHaveLength(KEPT_A_LOCK_AND_HOUR + 2);
});

test("of all locks five hundred an hour are kept, and what nobody is known to have sent counts as one sender's", async () => {
  const { quarantine: made, kept } = quarantine();
  for (let sent = 0; sent < 2 * KEPT_A_LOCK_AND_HOUR; sent += 1) await made.keep(message(), "UNKNOWN_LOCK", undefined);
  expect(kept).toHaveLength(KEPT_A_LOCK_AND_HOUR);
  for (let lock = 1; lock <= KEPT_AN_HOUR; lock += 1) await made.keep(message(), "MALFORMED", lockOf(lock));
  expect(kept).toHaveLength(KEPT_AN_HOUR);
  expect(made.counts().get("evt:MALFORMED")).toBe(KEPT_AN_HOUR);
});

test("the beginning of a long message is kept, with its whole length", async () => {
  const { quarantine: made, kept } = quarantine();
  await made.keep(message(KEPT_BYTES_MAX), "MALFORMED", lockOf(1));
  await made.keep(message(KEPT_BYTES_MAX + 1), "MALFORMED", lockOf(1));
  expect(kept.map(({ payload, bytes }) => [payload.length, bytes])).toEqual([
    [KEPT_BYTES_MAX, KEPT_BYTES_MAX],
    [KEPT_BYTES_MAX, KEPT_BYTES_MAX + 1],
  ]);
});

test("a message that can't be stored is counted all the same, and nobody is hurt", async () => {
  const { quarantine: made } = quarantine(() => Promise.reject(new JournalUnavailableError("away")));
  await made.keep(message(), "MALFORMED", lockOf(1));
  expect(made.counts().get("evt:MALFORMED")).toBe(1);
});
