import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { enrolCarers, newPress, pressUntilAnswered, type Carer, type Pressed } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfChain, faultsOfOperations, faultsOfStates, readJournal } from "./journal-checks.ts";
import { faultsOfEvents, faultsOfMotion, runsByCommand, untilDrained } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { dice } from "./rights-world.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

const KILLS = Number(process.env["PORTNER_KILLS"] ?? 20);
const OPENINGS = Number(process.env["PORTNER_OPENINGS"] ?? 1_000);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000);
/** Presses under way at once. */
const AT_ONCE = 16;
/** Longest that a hub may be away for a carer; a kill comes only after the one before is over. */
const ANSWER_MS = 60_000;
/** A command that nobody followed is settled by then: its life, the skew, the wait for evidence and a sweep. */
const SETTLED_MS = 45_000;
/** What locks keep is sent again within seconds; the longest pause between two tries is a minute. */
const DRAINED_MS = 75_000;
const TEST_MS = 120_000 + KILLS * 10_000 + OPENINGS * 100;

let town: RunningTown;
let hub: HubProcess;
let locks: SimulatedLocks;
let carers: readonly Carer[];

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 3, locks: 48 }));
  hub = await town.hub(0);
  locks = await town.locks(hub.url);
  const administrator = await town.administrator(hub.url);
  carers = await enrolCarers(town, hub.url, { administrator, count: 8 });
}, 120_000);

afterAll(() => town.end());

/** Presses of all carers in turn, lock by lock and now and then a whole path, until there are enough. */
async function openAll(url: string, roll: (sides: number) => number, pressed: Pressed[]): Promise<void> {
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < OPENINGS) {
      const carer = carers[begun % carers.length];
      begun += 1;
      if (carer === undefined) return;
      const path = roll(10) === 0 ? carer.paths[roll(carer.paths.length)] : undefined;
      const lock = carer.locks[roll(carer.locks.length)] ?? "";
      const press = newPress(path === undefined ? { lock } : { path });
      const waitMs = roll(4) === 0 ? 3_000 : 0;
      pressed.push(await pressUntilAnswered(url, carer, press, { waitMs, withinMs: ANSWER_MS }));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Kills the hub so many times in the middle of the openings and starts it anew; answers how long each start took. */
async function killAgain(roll: (sides: number) => number, pressed: readonly Pressed[]): Promise<number[]> {
  const readyMs: number[] = [];
  const port = Number(new URL(hub.url).port);
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const due = Math.floor((OPENINGS * kill) / (KILLS + 1));
    await pollUntil(() => pressed.length >= due, ANSWER_MS);
    await wait(roll(40));
    await hub.kill();
    const since = performance.now();
    hub = await town.hub(0, { port });
    readyMs.push(Math.round(performance.now() - since));
  }
  return readyMs;
}

/** Everything there is to compare: what phones were told, what the journal says, what the world saw. */
async function gather(pressed: readonly Pressed[]) {
  const sql = town.db.database.raw;
  const journal = await readJournal(sql);
  const begun = journal.filter(({ kind }) => kind === "opening.authorised" || kind === "opening.denied");
  const operations = new Set(begun.map(({ data }) => data["operation"]));
  const acknowledged = pressed.flatMap(({ answer }) =>
    answer.operation === undefined ? [] : [parseGlobalId(answer.operation).id],
  );
  const runs = await runsByCommand(town);
  const moved = journal.flatMap(({ kind, command }) => (kind === "lock.moved" && command !== null ? [command] : []));
  const rows = await sql<{ state: string; count: number }[]>`
    SELECT state, count(*)::integer AS count FROM command GROUP BY state ORDER BY state`;
  const states = Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  const sizes = { acknowledged: acknowledged.length, motorRuns: runs.size, entries: journal.length, states };
  const lost = acknowledged.filter((operation) => !operations.has(operation));
  return { sql, journal, begun, lost, invented: moved.filter((command) => !runs.has(command)), sizes };
}

test(
  `a hub killed ${KILLS} times in the middle of ${OPENINGS} openings loses and doubles nothing`,
  { timeout: TEST_MS },
  async () => {
    const roll = dice(SEED);
    const pressed: Pressed[] = [];
    const [readyMs] = await Promise.all([killAgain(roll, pressed), openAll(hub.url, roll, pressed)]);
    await untilDrained(town, DRAINED_MS);
    const unsettled = async () => (await town.db.database.raw`SELECT 1 FROM command WHERE NOT settled`).length;
    const settled = await pollUntil(async () => (await unsettled()) === 0, SETTLED_MS);
    await locks.stop();

    const { sql, journal, begun, lost, invented, sizes } = await gather(pressed);
    const retried = pressed.filter(({ tries }) => tries > 1).length;
    const seen = { seed: SEED, kills: KILLS, pressed: pressed.length, retried, ...sizes, readyMs };
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    expect(await faultsOfChain(sql)).toEqual([]);
    expect(faultsOfOperations(journal)).toEqual([]);
    expect(await faultsOfEvents(town, journal)).toEqual([]);
    expect(await faultsOfMotion(town, journal)).toEqual([]);
    expect(await faultsOfStates(sql)).toEqual([]);
    expect(lost).toEqual([]);
    expect(invented).toEqual([]);
    expect(begun.length).toBe(pressed.length);
    expect(settled).toBe(true);
  },
);
