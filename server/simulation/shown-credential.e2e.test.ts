import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { enrolPhone, type Credentials, type TestPhone } from "./api-client.ts";
import { blockPhone, enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { HubProcess } from "./hub-process.ts";
import {
  allowedAfterBlock,
  faultsOfChain,
  faultsOfOperations,
  faultsOfStates,
  readJournal,
  type JournalLine,
} from "./journal-checks.ts";
import { faultsOfMotion, runsByCommand, townLocks, type TownLock } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

/** How late the second hub hears of everything, so that the two disagree about what has just changed. */
const TAIL_DELAY_MS = 700;
/** New phones that are shown before the late hub knows them. */
const NEW_PHONES = 6;
const ANSWERED_MS = 20_000;

let town: RunningTown;
let hub: HubProcess;
let simulator: SimulatedLocks;
let administrator: Credentials;
let locks: readonly TownLock[];
let carer: Carer;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 17, locks: 16 }));
  hub = await town.hub(0);
  await town.hub(1, { tailDelayMs: TAIL_DELAY_MS, listen: false });
  simulator = await town.locks(hub.url);
  administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  if (enrolled === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  carer = enrolled;
  locks = await townLocks(town.db.database.raw);
  await untilAllLive(town, hub.url, 60_000);
}, 120_000);

afterAll(() => town.end());

function show(phone: TestPhone, { serial }: TownLock): void {
  simulator.order({ serial, do: "show", cred: parseGlobalId(phone.credential).id, gen: 1, key: phone.keyPair() });
}

/** A lock that the carer may open, or one that is not theirs. */
function lockOf(isTheirs: boolean): TownLock {
  const theirs = new Set(carer.locks.map((id) => parseGlobalId(id).id));
  const found = locks.find(({ publicId }) => theirs.has(publicId) === isTheirs);
  expect(found).toBeDefined();
  return found ?? { serial: "", lock: 0, publicId: "", unit: 0, unitId: "" };
}

async function answers(): Promise<readonly JournalLine[]> {
  const journal = await readJournal(town.db.database.raw);
  return journal.filter(({ kind }) => kind === "answer.given" || kind === "answer.refused");
}

async function nextAnswer(before: number): Promise<string | undefined> {
  let all: readonly JournalLine[] = [];
  await pollUntil(async () => (all = await answers()).length > before, ANSWERED_MS);
  return all[before]?.kind;
}

test("a credential shown at a door of its owner's opens it, once, whatever the number of hubs", async () => {
  const before = (await answers()).length;
  show(carer.phone, lockOf(true));
  expect(await nextAnswer(before)).toBe("answer.given");
  const opened = async () => (await town.db.database.raw`SELECT 1 FROM command WHERE state = 'opened'`).length === 1;
  expect(await pollUntil(opened, ANSWERED_MS)).toBe(true);
  expect([...(await runsByCommand(town)).values()]).toEqual([1]);
}, 60_000);

test("the same credential at a door that is not its owner's is refused, and nothing moves", async () => {
  const [before, runs] = [(await answers()).length, (await runsByCommand(town)).size];
  show(carer.phone, lockOf(false));
  expect(await nextAnswer(before)).toBe("answer.refused");
  expect((await runsByCommand(town)).size).toBe(runs);
}, 60_000);

test("hubs that disagree about a new phone and a blocked one give one answer to each question", async () => {
  const door = lockOf(true);
  const before = (await answers()).length;
  for (let count = 0; count < NEW_PHONES; count += 1) {
    const phone = await enrolPhone(hub.url, administrator, carer.employee);
    show(phone, door);
    await nextAnswer(before + 2 * count);
    await blockPhone(hub.url, administrator, phone);
    show(phone, door);
    await nextAnswer(before + 2 * count + 1);
  }
  const { raw: sql } = town.db.database;
  const unsettled = async () => (await sql`SELECT 1 FROM command WHERE NOT settled`).length;
  expect(await pollUntil(async () => (await unsettled()) === 0, 60_000)).toBe(true);
  const journal = await readJournal(sql);
  const given = await answers();
  const challenges = new Set(given.map(({ data }) => data["challenge"]));
  process.stdout.write(
    `${JSON.stringify({ answers: given.length, questions: challenges.size, phones: NEW_PHONES })}\n`,
  );
  expect(given.length).toBe(challenges.size);
  expect(allowedAfterBlock(journal)).toEqual({ blocks: NEW_PHONES, faults: [] });
  expect(await faultsOfChain(sql)).toEqual([]);
  expect(faultsOfOperations(journal)).toEqual([]);
  expect(await faultsOfMotion(town, journal)).toEqual([]);
  expect(await faultsOfStates(sql)).toEqual([]);
}, 120_000);
