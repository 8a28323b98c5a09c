import { CHALLENGE_LIFE_MS } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { silentLog } from "../kernel/log.ts";
import { signedAsk } from "../simulation/core-town.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { unitKeyPair } from "../simulation/claim.ts";
import { FLOOD_PROOFS, FLOOD_WINDOWS, FloodWatch, JOURNAL_RATE, type Standing } from "./flood-watch.ts";
import type { RegisteredLock } from "./registry.ts";

const pair = unitKeyPair();
const lock: RegisteredLock = {
  ...{ lock: 1, lockId: "lock-00000001", door: 1, tenant: 1, tenantId: "tenant-1", serial: "S1" },
  ...{ unit: 7, unitId: "unit-00000007", unitKey: pair.publicKey, telemetryKey: new Uint8Array(), quarantinedAt: null },
};

function watch() {
  const clock = new ManualClock();
  const condemned: Standing[] = [];
  const floods = new FloodWatch({
    clock,
    log: silentLog,
    condemn: (_, standing) => Promise.resolve(void condemned.push(standing)),
    committedOf: () => ({ boot: 1, seq: 12 }),
    isTimely: (_, { at }) => at > clock.now() - CHALLENGE_LIFE_MS,
  });
  const say = (payload: Buffer): Promise<void> =>
    floods.excess(lock, {
      ...{ tenant: "tenant-1", lock: lock.lockId, channel: "ask" as const, retained: false, duplicate: false },
      payload,
    });
  const window = async (asks: number): Promise<void> => {
    for (let said = 0; said < asks; said += 1) await say(signedAsk({ lock, key: pair.privateKey }, clock.now()));
    clock.advance(CHALLENGE_LIFE_MS);
  };
  return { clock, condemned, floods, say, window };
}

test("ten different questions too many in each of three lives of a challenge are a flood; one fewer is none", async () => {
  const { condemned, window } = watch();
  for (let more = 0; more < 10; more += 1) await window(FLOOD_PROOFS - 1);
  for (let more = 1; more < FLOOD_WINDOWS; more += 1) await window(FLOOD_PROOFS);
  expect(condemned).toEqual([]);
  await window(FLOOD_PROOFS);
  expect(condemned).toEqual([{ boot: 1, seq: 12 }]);
});

test("a pause begins the count anew", async () => {
  const { clock, condemned, floods, window } = watch();
  for (let more = 1; more < FLOOD_WINDOWS; more += 1) await window(FLOOD_PROOFS);
  clock.advance(CHALLENGE_LIFE_MS);
  floods.forgetRested();
  await window(FLOOD_PROOFS);
  expect(condemned).toEqual([]);
});

test("what was asked long ago and comes all at once is no flood", async () => {
  const { clock, condemned, say } = watch();
  const keptBack = Array.from({ length: FLOOD_PROOFS * FLOOD_WINDOWS }, () =>
    signedAsk({ lock, key: pair.privateKey }, clock.now()),
  );
  for (let at = 0; at < keptBack.length; at += FLOOD_PROOFS) {
    clock.advance(CHALLENGE_LIFE_MS);
    for (const each of keptBack.slice(at, at + FLOOD_PROOFS)) await say(each);
  }
  expect(condemned).toEqual([]);
});

test("one question said again and again, and what another key signed, prove nothing", async () => {
  const { clock, condemned, say } = watch();
  const foreign = unitKeyPair().privateKey;
  for (let more = 0; more < 2 * FLOOD_WINDOWS; more += 1) {
    const repeated = signedAsk({ lock, key: pair.privateKey }, clock.now());
    for (let said = 0; said < FLOOD_PROOFS; said += 1) {
      await say(repeated);
      await say(signedAsk({ lock, key: foreign }, clock.now()));
    }
    clock.advance(CHALLENGE_LIFE_MS);
  }
  expect(condemned).toEqual([]);
});

test("a lock may bring two full rings at once, and then what the busiest door makes; beyond that it floods the journal", async () => {
  const { clock, condemned, floods } = watch();
  for (let event = 0; event < JOURNAL_RATE.burst; event += 1) await floods.committed(lock);
  for (let event = 0; event < 100; event += 1) {
    clock.advance(1_000 / JOURNAL_RATE.perSecond);
    await floods.committed(lock);
  }
  expect(condemned).toEqual([]);
  await floods.committed(lock);
  expect(condemned).toHaveLength(1);
});
