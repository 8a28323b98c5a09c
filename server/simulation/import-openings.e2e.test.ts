import type { World } from "@portner/schema/world";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { importWorld } from "../integrations/index.ts";
import { pause, systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { request, type Credentials } from "./api-client.ts";
import { enrolCarers, newPress, pressUntilAnswered, untilAllLive, type Carer, type Pressed } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfOperations, faultsOfStates, readJournal } from "./journal-checks.ts";
import { startTown, type RunningTown } from "./running-town.ts";

const CARERS = 7;
/** Times that each carer presses; imports go on meanwhile, one after the other. */
const PRESSES = 6;
const WAIT_MS = 15_000;
/** Far shorter than a path of three doors takes. */
const BETWEEN_IMPORTS_MS = 150;

const Doors = z.array(z.object({ lock: z.object({ id: z.string() }).nullable() }));
const Edge = z.object({ node: z.object({ id: z.string(), doors: Doors }) });
const Paths = z.object({ myPaths: z.object({ edges: z.array(Edge) }) });
interface Targets {
  readonly path: string;
  readonly lock: string;
}

let town: RunningTown;
let hub: HubProcess;
let carers: readonly Carer[];
let leaving: Carer;
let world: World;
let targets: ReadonlyMap<Carer, Targets>;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 29, locks: 32 }));
  world = town.world;
  hub = await town.hub(0);
  await town.locks(hub.url);
  const administrator: Credentials = await town.administrator(hub.url);
  const [first, ...others] = await enrolCarers(town, hub.url, { administrator, count: CARERS });
  if (first === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  [leaving, carers] = [first, others];
  targets = await sharedOut();
  carers = others.filter((carer) => targets.has(carer));
  await untilAllLive(town, hub.url, 60_000);
}, 150_000);

afterAll(() => town.end());

/** What each carer opens: a path and its innermost lock, none of which another one opens. */
async function sharedOut(): Promise<ReadonlyMap<Carer, Targets>> {
  const taken = new Set<string>();
  const found = new Map<Carer, Targets>();
  for (const carer of [leaving, ...carers]) {
    const { myPaths } = await request(hub.url, carer.phone.credentials, {
      document: "{ myPaths(first: 50) { edges { node { id doors { lock { id } } } } } }",
      answer: Paths,
    });
    for (const { node } of myPaths.edges) {
      const locks = node.doors.flatMap(({ lock }) => lock?.id ?? []);
      const lock = locks.at(-1);
      if (lock === undefined || locks.some((each) => taken.has(each))) continue;
      for (const each of locks) taken.add(each);
      found.set(carer, { path: node.id, lock });
      break;
    }
  }
  if (found.size < CARERS - 1) throw new PortnerError("TOWN_TOO_SMALL", "too few paths are nobody else's");
  return found;
}

/** Imports a town that differs from the last one in somebody who opens nothing here. */
async function importAnother(round: number): Promise<void> {
  const busy = new Set([leaving, ...carers].map(({ employee }) => employee));
  const other = world.employees.findIndex(({ externalId }) => !busy.has(externalId));
  const employees = world.employees.map((each, at) => (at === other ? { ...each, name: `Round ${round}` } : each));
  await imports({ ...world, employees });
}

async function imports(next: World): Promise<void> {
  const imported = await importWorld(town.outside, JSON.stringify(next));
  if (!imported.ok) throw new PortnerError("IMPORT", JSON.stringify(imported.failure));
  expect(imported.value.sequence).toBeGreaterThan(0);
}

async function press(carer: Carer, at: number): Promise<Pressed> {
  const { path = "", lock = "" } = targets.get(carer) ?? {};
  const target = at % 2 === 0 ? { path } : { lock };
  return pressUntilAnswered(hub.url, carer, newPress(target), { waitMs: WAIT_MS, withinMs: 30_000 });
}

async function pressAll(carer: Carer): Promise<readonly Pressed[]> {
  const pressed: Pressed[] = [];
  for (let at = 0; at < PRESSES; at += 1) pressed.push(await press(carer, at));
  return pressed;
}

test("while a town is imported again and again, whom the imports do not concern opens as ever, paths too", async () => {
  const standing = { isOver: false };
  const pressing = Promise.all(carers.map(pressAll)).finally(() => (standing.isOver = true));
  let rounds = 0;
  for (; !standing.isOver; rounds += 1) {
    await importAnother(rounds);
    await pause(systemClock, BETWEEN_IMPORTS_MS);
  }
  const answers = (await pressing).flat().map(({ answer }) => answer);
  process.stdout.write(`${JSON.stringify({ openings: answers.length, imports: rounds })}\n`);
  expect(rounds).toBeGreaterThan(3);
  expect(answers.filter(({ outcome }) => outcome !== "complete")).toEqual([]);
}, 120_000);

test("whose membership an import ends opens nothing behind it, with the same session, and the others go on", async () => {
  expect((await press(leaving, 1)).answer).toMatchObject({ state: "OPENED" });
  const memberships = world.memberships.filter(({ employee }) => employee !== leaving.employee);
  const pressing = Promise.all(carers.map((carer) => press(carer, 0)));
  world = { ...world, memberships };
  await imports(world);
  const refused = await press(leaving, 1);
  expect(refused.answer).toMatchObject({ code: "ACCESS_DENIED" });
  expect((await pressing).filter(({ answer }) => answer.outcome !== "complete")).toEqual([]);
  const journal = await readJournal(town.db.database.raw);
  expect(faultsOfOperations(journal)).toEqual([]);
  expect(await faultsOfStates(town.db.database.raw)).toEqual([]);
}, 60_000);
