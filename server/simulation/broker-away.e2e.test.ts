import { afterAll, beforeAll, expect, test } from "vitest";
import { CLOCK_SKEW_MS_MAX } from "@portner/schema/mqtt";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { eventually } from "./api-client.ts";
import { enrolCarers, newPress, pressUntilAnswered, untilAllLive, type Carer, type Pressed } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfChain, faultsOfOperations, faultsOfStates, readJournal } from "./journal-checks.ts";
import { faultsOfEvents, faultsOfMotion, runsOf, untilDrained } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { dice } from "./rights-world.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

const KILLS = Number(process.env["PORTNER_BROKER_KILLS"] ?? 3);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000);
/** Openings between two kills. */
const OPENINGS = 20;
const AT_ONCE = 6;
/** Postgres stamps in microseconds; the witness in whole milliseconds, by the same clock of this machine. */
const STAMP_TOLERANCE_MS = 5;
/** A hub that has no broker says so; far below what waiting for one would take. */
const AT_ONCE_MS = 1_500;
/** Clients come back in seconds, and locks send again what they keep. */
const BACK_MS = 60_000;

let town: RunningTown;
let hub: HubProcess;
let locks: SimulatedLocks;
let carers: readonly Carer[];

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 11, locks: 24 }));
  hub = await town.hub(0);
  locks = await town.locks(hub.url);
  const administrator = await town.administrator(hub.url);
  carers = await enrolCarers(town, hub.url, { administrator, count: 4 });
}, 120_000);

afterAll(() => town.end());

async function readyz(): Promise<string> {
  return (await fetch(`${hub.url}/readyz`)).text();
}

async function openMany(roll: (sides: number) => number, pressed: Pressed[]): Promise<void> {
  let left = OPENINGS;
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const carer = carers[roll(carers.length)];
      const lock = carer?.locks[roll(carer.locks.length)] ?? "";
      if (carer === undefined) return;
      pressed.push(
        await pressUntilAnswered(hub.url, carer, newPress({ lock }), { waitMs: roll(3) * 1_000, withinMs: BACK_MS }),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Asks for a door while nobody can be reached; the answer must be there at once and say so. */
async function openUnreachable(): Promise<void> {
  const carer = carers[0];
  const since = performance.now();
  const answer = await carer?.phone.open(hub.url, { lock: carer.locks[0] ?? "" }, { waitMs: 10_000 });
  expect(answer).toMatchObject({ type: "LockUnreachableError", code: "LOCK_OFFLINE" });
  expect(performance.now() - since).toBeLessThan(AT_ONCE_MS);
}

test(
  `a broker killed ${KILLS} times during openings loses no event and delays no opening`,
  { timeout: 300_000 },
  async () => {
    const roll = dice(SEED);
    const pressed: Pressed[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      await untilAllLive(town, hub.url, BACK_MS);
      const half = pressed.length + OPENINGS / 2;
      const opening = openMany(roll, pressed);
      await pollUntil(() => pressed.length >= half + roll(OPENINGS / 4), BACK_MS);
      await town.broker.kill();
      await opening;
      await eventually(
        async () => ((await readyz()).includes('"name":"broker","ok":false') ? true : undefined),
        BACK_MS,
      );
      await openUnreachable();
      await town.broker.restart();
      await eventually(async () => ((await readyz()).startsWith('{"ready":true') ? true : undefined), BACK_MS);
    }
    await untilDrained(town, 2 * BACK_MS);
    const sql = town.db.database.raw;
    const unsettled = async () => (await sql`SELECT 1 FROM command WHERE NOT settled`).length;
    expect(await pollUntil(async () => (await unsettled()) === 0, BACK_MS)).toBe(true);
    await locks.stop();

    const journal = await readJournal(sql);
    const types = Map.groupBy(pressed, ({ answer }) => answer.state ?? answer.code ?? answer.type);
    const answers = Object.fromEntries([...types].map(([name, list]) => [name, list.length]));
    process.stdout.write(
      `${JSON.stringify({ seed: SEED, kills: KILLS, answers, entries: journal.length, lateMs: await latest() })}\n`,
    );
    expect(await faultsOfChain(sql)).toEqual([]);
    expect(faultsOfOperations(journal)).toEqual([]);
    expect(await faultsOfStates(sql)).toEqual([]);
    expect(await faultsOfEvents(town, journal)).toEqual([]);
    expect(await faultsOfMotion(town, journal)).toEqual([]);
    expect(await latest()).toBeLessThanOrEqual(CLOCK_SKEW_MS_MAX + STAMP_TOLERANCE_MS);
  },
);

/** How long after its expiry the latest motor run of any command began, in milliseconds; negative is before. */
async function latest(): Promise<number> {
  const rows = await town.db.database.raw<{ id: string; expires: number }[]>`
    SELECT id, (extract(epoch FROM expires_at) * 1000)::float8 AS expires FROM command`;
  const expiries = new Map(rows.map(({ id, expires }) => [id, expires]));
  let late = Number.NEGATIVE_INFINITY;
  for (const { serial } of town.world.locks) {
    for (const { cmd, at } of await runsOf(town, serial)) {
      if (cmd !== undefined) late = Math.max(late, at - (expiries.get(cmd) ?? 0));
    }
  }
  return late;
}
