import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { PortnerError } from "../kernel/errors.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { enrolCarers, newPress, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfChain, faultsOfStates, readJournal } from "./journal-checks.ts";
import { faultsOfEvents, faultsOfMotion, runsByCommand, townLocks, untilDrained } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

/** Doors at which the power goes between the record on flash and the motor. */
const CRASHES = 2;
/** The wait for evidence, its sweep, and room for a busy machine. */
const SETTLED_MS = 60_000;

let town: RunningTown;
let hub: HubProcess;
let simulator: SimulatedLocks;
let carer: Carer;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 19, locks: 12 }));
  hub = await town.hub(0);
  simulator = await town.locks(hub.url);
  const administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  if (enrolled === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  carer = enrolled;
}, 120_000);

afterAll(() => town.end());

/** Where the commands of an operation stand. */
async function standings(operation: string | undefined): Promise<readonly string[]> {
  const { id } = parseGlobalId(operation ?? "");
  const rows = await town.db.database.raw<{ state: string }[]>`SELECT state FROM command WHERE operation = ${id}`;
  return rows.map(({ state }) => state);
}

/** Presses for a door whose lock loses power before its motor; answers the press and what came of it. */
async function crashAt(lock: string) {
  const { publicId, serial } = await lockOf(lock);
  await untilAllLive(town, hub.url, SETTLED_MS);
  simulator.order({ serial, do: "behave", behaviour: { kind: "crashBeforeMotor" } });
  const press = newPress({ lock });
  const answer = await carer.phone.open(hub.url, press.target, { key: press.key });
  await simulator.exited;
  const before = await runsByCommand(town);
  simulator = await town.locks(hub.url);
  const commandOf = async () =>
    town.db.database.raw`SELECT 1 FROM journal j JOIN lock l ON l.id = j.lock
      WHERE l.public_id = ${publicId} AND j.kind = 'lock.restarted' AND j.data ->> 'boot' <> '1'`;
  expect(await pollUntil(async () => (await commandOf()).length > 0, SETTLED_MS)).toBe(true);
  return { press, answer, before };
}

async function lockOf(globalId: string) {
  const { id } = parseGlobalId(globalId);
  const found = (await townLocks(town.db.database.raw)).find(({ publicId }) => publicId === id);
  if (found === undefined) throw new PortnerError("TOWN_TOO_SMALL", `no lock \`${id}\``);
  return found;
}

test(
  "a lock that loses power between record and motor never moves for that command again",
  { timeout: 240_000 },
  async () => {
    for (const lock of carer.locks.slice(0, CRASHES)) {
      const { press, answer, before } = await crashAt(lock);
      const again = await carer.phone.open(hub.url, press.target, { key: press.key, waitMs: 1_000 });
      expect(again.operation).toBe(answer.operation);
      const settled = async () => (await standings(answer.operation)).every((state) => state === "unknown");
      expect(await pollUntil(settled, SETTLED_MS)).toBe(true);
      expect((await runsByCommand(town)).size).toBe(before.size);

      await untilAllLive(town, hub.url, SETTLED_MS);
      const anew = await carer.phone.open(hub.url, { lock }, { waitMs: 10_000 });
      expect(anew).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
    }
    await untilDrained(town, SETTLED_MS);
    await simulator.stop();
    const sql = town.db.database.raw;
    const journal = await readJournal(sql);
    const runs = await runsByCommand(town);
    process.stdout.write(`${JSON.stringify({ crashes: CRASHES, motorRuns: runs.size, entries: journal.length })}\n`);
    expect([...runs.values()]).toEqual(Array.from({ length: CRASHES }, () => 1));
    expect(journal.filter(({ kind }) => kind === "lock.accepted")).toHaveLength(2 * CRASHES);
    expect(await faultsOfChain(sql)).toEqual([]);
    expect(await faultsOfStates(sql)).toEqual([]);
    expect(await faultsOfEvents(town, journal)).toEqual([]);
    expect(await faultsOfMotion(town, journal)).toEqual([]);
  },
);
