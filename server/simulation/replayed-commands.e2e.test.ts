import { setTimeout as wait } from "node:timers/promises";
import { CLOCK_SKEW_MS_MAX, COMMAND_LIFE_MS_MAX, parseTopic } from "@portner/schema/mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfStates, readJournal } from "./journal-checks.ts";
import { faultsOfMotion, runsByCommand } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { RawMqtt } from "./raw-mqtt.ts";
import { dice } from "./rights-world.ts";
import { startTown, type RunningTown } from "./running-town.ts";
import { startWireTap, type Tapped, type WireTap } from "./wire-tap.ts";

const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000);
/** Commands with one bit altered. Every bit of a command is tried on the firmware itself, in lock-sim. */
const ALTERED = 12;
/** A lock drops what comes faster than five verifications a second, unread; this is slow enough to be read. */
const PACE_MS = 250;
/** Beyond a command's life and the skew of clocks, with room for this machine to be slow. */
const TOO_LATE_MS = COMMAND_LIFE_MS_MAX + CLOCK_SKEW_MS_MAX + 1_000;
/** A lock sums its refusals up every ten seconds, and sends the sum again until somebody takes it. */
const TOLD_MS = 30_000;

let town: RunningTown;
let hub: HubProcess;
let tap: WireTap;
let carer: Carer | undefined;
let publisher: RawMqtt;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 13, locks: 8 }));
  tap = await startWireTap(town.broker.url);
  hub = await town.hub(0);
  await town.locks(hub.url, ["--broker", tap.url]);
  const administrator = await town.administrator(hub.url);
  [carer] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  const { user, secret } = town.credential(2);
  publisher = new RawMqtt(town.broker.url);
  await publisher.connect({ clientId: user, user, secret });
  await untilAllLive(town, hub.url, 60_000);
}, 120_000);

afterAll(async () => {
  publisher.cut();
  await tap.stop();
  await town.end();
});

function commands(lock: string): readonly Tapped[] {
  return tap.seen.filter((each) => each.lock === lock && parseTopic(each.topic)?.channel === "cmd");
}

/** Opens a lock and answers the command that went over the line. */
async function openAndTap(globalId: string, waitMs: number): Promise<{ state: string | undefined; command: Tapped }> {
  const { id } = parseGlobalId(globalId);
  const before = commands(id).length;
  const answer = await carer?.phone.open(hub.url, { lock: globalId }, { waitMs });
  await pollUntil(() => commands(id).length > before, 10_000);
  const command = commands(id).at(-1);
  expect(command).toBeDefined();
  return { state: answer?.state, command: command ?? { lock: id, topic: "", payload: Buffer.alloc(0) } };
}

function altered(payload: Buffer, bit: number): Buffer {
  const copy = Buffer.from(payload);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** How often locks have told each reason for refusing, in all. */
async function refusals(): Promise<Readonly<Record<string, number>>> {
  const rows = await town.db.database.raw<{ reason: string; count: number }[]>`
    SELECT key AS reason, sum(value::integer)::integer AS count
    FROM journal, jsonb_each_text(data -> 'counts') WHERE kind = 'lock.refused' GROUP BY key`;
  return Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
}

test("a command said again, altered, retained, elsewhere or too late moves nothing", { timeout: 180_000 }, async () => {
  const roll = dice(SEED);
  const [first = "", second = "", third = ""] = carer?.locks ?? [];
  const { state, command } = await openAndTap(first, 10_000);
  expect(state).toBe("OPENED");
  const { topic, payload, lock } = command;
  for (let copy = 0; copy < 4; copy += 1) {
    await publisher.publish(topic, payload);
    await wait(PACE_MS);
  }
  const other = topic.replace(lock, parseGlobalId(second).id);
  await publisher.publish(other, payload);
  tap.say(lock, { topic, payload, retain: true });
  for (let copy = 0; copy < ALTERED; copy += 1) {
    await publisher.publish(topic, altered(payload, roll(payload.length * 8)));
    await wait(PACE_MS);
  }

  tap.holdBack((message) => message.lock === parseGlobalId(third).id && message.topic.endsWith("/cmd"));
  const held = await openAndTap(third, 0);
  tap.holdBack(() => false);
  await wait(TOO_LATE_MS);
  await publisher.publish(topic, payload);
  await publisher.publish(held.command.topic, held.command.payload);

  const expected = ["REPEATED", "WRONG_UNIT", "RETAINED", "EXPIRED"];
  let told: Readonly<Record<string, number>> = {};
  const allTold = await pollUntil(async () => {
    told = await refusals();
    return expected.every((reason) => told[reason] !== undefined) && (told["EXPIRED"] ?? 0) >= 2;
  }, TOLD_MS);
  process.stdout.write(`${JSON.stringify({ seed: SEED, refusals: told })}\n`);
  expect(told).toMatchObject(Object.fromEntries(expected.map((reason) => [reason, expect.any(Number)])));
  expect(allTold).toBe(true);
  const runs = await runsByCommand(town);
  expect([...runs.values()]).toEqual([1]);
  const rows = await town.db.database.raw<{ state: string }[]>`SELECT state FROM command ORDER BY sequence, state`;
  expect(rows.map((row) => row.state).toSorted()).toEqual(["expired", "opened"]);
  expect(await faultsOfMotion(town, await readJournal(town.db.database.raw))).toEqual([]);
  expect(await faultsOfStates(town.db.database.raw)).toEqual([]);
});
