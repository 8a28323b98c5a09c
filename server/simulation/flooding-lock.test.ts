import { afterAll, beforeAll, expect, test } from "vitest";
import { pause, systemClock } from "../kernel/clock.ts";
import { askTopic, signedAsk, startCoreTown, type CoreTown, type SpokenLock } from "./core-town.ts";
import { pollUntil } from "./poll.ts";
import { ASK_RATE, ASKS_IN_FLIGHT_MAX } from "../locks/uplink-limits.ts";

/** Questions at once; many times what any lock has. */
const FLOOD = 400;
/** Pause between two volleys of the lock that goes on, for about three times the life of a challenge. */
const PACE_MS = 250;
const QUARANTINED_MS = 60_000;
const ANSWER_MS = 5_000;

let town: CoreTown;
let mad: SpokenLock;
let sound: SpokenLock;

beforeAll(async () => {
  town = await startCoreTown();
  [mad, sound] = [await town.join(), await town.join()];
}, 60_000);
afterAll(() => town.stop());

function dropped(): number {
  const counts = town.core.link.limits.counts();
  return (counts.get("ask:rate") ?? 0) + (counts.get("ask:in_flight") ?? 0);
}

async function refused(lock: SpokenLock): Promise<number> {
  const rows = await town.town.database.raw<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM journal WHERE kind = 'answer.refused' AND unit = ${lock.lock.unit}`;
  return rows[0]?.count ?? 0;
}

async function quarantines(): Promise<readonly { unit: number; cause: string }[]> {
  return town.town.database.raw<{ unit: number; cause: string }[]>`
    SELECT unit::integer AS unit, data ->> 'cause' AS cause FROM journal WHERE kind = 'lock.quarantined'`;
}

test("a lock that asks and asks gets a few answers, the rest is dropped and counted, and its neighbour is answered at once", async () => {
  const { router } = town.core;
  let mostInFlight = 0;
  await Promise.all(
    Array.from({ length: FLOOD }, async () => {
      await mad.line.publish(askTopic(mad.lock), signedAsk(mad));
      mostInFlight = Math.max(mostInFlight, router.counts().inFlight);
    }),
  );
  await sound.line.publish(askTopic(sound.lock), signedAsk(sound));
  expect(await sound.line.arrived(askTopic(sound.lock).replace("/ask", "/ans"))).toBe(true);
  expect(await pollUntil(async () => dropped() + (await refused(mad)) >= FLOOD, ANSWER_MS)).toBe(true);
  expect(dropped()).toBeGreaterThan(FLOOD - ASK_RATE.burst - FLOOD / 10);
  expect(await refused(mad)).toBeGreaterThanOrEqual(ASKS_IN_FLIGHT_MAX);
  expect(await refused(sound)).toBe(1);
  expect(mostInFlight).toBeLessThan(FLOOD);
  // A crowd in front of the door, or a bad minute of the line, is no reason to close it.
  expect(await quarantines()).toEqual([]);
});

test("one that goes on with it is quarantined by what it signed itself, and what is only said in a lock's name counts for nothing", async () => {
  const foreign = { lock: sound.lock, key: mad.key };
  const repeated = signedAsk(sound);
  const isQuarantined = async (): Promise<boolean> => {
    for (let sent = 0; sent < 4; sent += 1) await mad.line.publish(askTopic(mad.lock), signedAsk(mad));
    await sound.line.publish(askTopic(sound.lock), signedAsk(foreign));
    for (let sent = 0; sent < 3; sent += 1) await sound.line.publish(askTopic(sound.lock), repeated);
    await pause(systemClock, PACE_MS);
    return (await quarantines()).length > 0;
  };
  expect(await pollUntil(isQuarantined, QUARANTINED_MS)).toBe(true);
  expect(await quarantines()).toEqual([{ unit: mad.lock.unit, cause: "FLOOD" }]);
  const { registry } = town.core.link;
  expect(await pollUntil(() => typeof registry.byLock(mad.lock.lock)?.quarantinedAt === "number", ANSWER_MS)).toBe(
    true,
  );
  expect(registry.byLock(sound.lock.lock)?.quarantinedAt).toBeNull();
}, 90_000);
