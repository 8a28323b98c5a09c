import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { PortnerError } from "../kernel/errors.ts";
import { eventually, type OpenAnswer } from "./api-client.ts";
import { enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfChain, faultsOfOperations, faultsOfStates, readJournal } from "./journal-checks.ts";
import {
  faultsOfEvents,
  faultsOfMotion,
  runsByCommand,
  unacknowledged,
  untilDrained,
  writtenEvents,
} from "./lock-checks.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** An opening gives up after three seconds without the journal; the rest is this machine's own slowness. */
const REFUSED_MS = 10_000;
/** Readiness doubts the journal after five seconds. */
const NOTICED_MS = 20_000;
const BACK_MS = 60_000;

const Ready = z.object({ ready: z.boolean(), checks: z.array(z.object({ name: z.string(), ok: z.boolean() })) });

let town: RunningTown;
let hub: HubProcess;
let simulator: SimulatedLocks;
let carer: Carer;
let line: TcpProxy;
let databaseUrl: string;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 23, locks: 12 }));
  const url = new URL(town.db.url);
  line = await startTcpProxy(Number(url.port));
  url.port = String(line.port);
  databaseUrl = url.href;
  hub = await town.hub(0, { databaseUrl });
  simulator = await town.locks(hub.url);
  const administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  if (enrolled === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open anything");
  carer = enrolled;
  await untilAllLive(town, hub.url, BACK_MS);
}, 120_000);

afterAll(async () => {
  await town.end();
  await line.stop();
});

/** Names of what a hub has not, by its own word. */
async function missing({ url }: HubProcess): Promise<readonly string[]> {
  const { checks } = Ready.parse(await (await fetch(`${url}/readyz`)).json());
  return checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

/** Opens a door; an answer at the top level is taken as the code it carries. */
async function open(lock: number, waitMs = 0): Promise<OpenAnswer | string> {
  return carer.phone.open(hub.url, { lock: carer.locks[lock] ?? "" }, { waitMs }).catch((error: unknown) => {
    return error instanceof PortnerError ? error.message : String(error);
  });
}

test("without Postgres nothing opens and nothing is acknowledged, everybody is told, and all comes back by itself", async () => {
  expect(await open(0, 10_000)).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
  await untilDrained(town, BACK_MS);
  const before = await runsByCommand(town);
  line.cut();
  const since = performance.now();
  expect(JSON.stringify(await open(1))).toContain("JOURNAL_UNAVAILABLE");
  expect(performance.now() - since).toBeLessThan(REFUSED_MS);
  const [first] = town.world.locks;
  const serial = first?.serial ?? "";
  await eventually(async () => ((await missing(hub)).includes("journal") ? true : undefined), NOTICED_MS);
  // What was committed before the cut may still be acknowledged; what happens from here on may not.
  const written = (await writtenEvents(town, serial)).length;
  simulator.order({ serial, do: "turnByHand" });
  await eventually(async () => ((await writtenEvents(town, serial)).length > written ? true : undefined), NOTICED_MS);
  expect(JSON.stringify(await open(2))).toContain("JOURNAL_UNAVAILABLE");
  expect(await unacknowledged(town, serial)).toBeGreaterThan(0);
  expect((await runsByCommand(town)).size).toBe(before.size);

  line.heal();
  const healed = performance.now();
  await eventually(async () => ((await missing(hub)).length === 0 ? true : undefined), BACK_MS);
  const readyMs = Math.round(performance.now() - healed);
  await untilDrained(town, BACK_MS);
  await untilAllLive(town, hub.url, BACK_MS);
  expect(await open(1, 10_000)).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
  process.stdout.write(`${JSON.stringify({ readyAgainMs: readyMs })}\n`);
}, 180_000);

test("a hub that starts while Postgres and the broker are away waits, says so, and comes up", async () => {
  await hub.stop();
  line.cut();
  await town.broker.kill();
  hub = await town.openedHub(0, { databaseUrl });
  expect(await missing(hub)).toEqual(expect.arrayContaining(["journal", "index", "broker"]));
  const refused = await fetch(`${hub.url}/graphql`, { method: "POST", body: "{}" });
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain("JOURNAL_UNAVAILABLE");
  line.heal();
  await eventually(async () => ((await missing(hub)).join() === "broker" ? true : undefined), BACK_MS);
  await town.broker.restart();
  await hub.ready();
  await untilAllLive(town, hub.url, BACK_MS);
  expect(await open(0, 10_000)).toMatchObject({ type: "OpenDoorSuccess", state: "OPENED" });
}, 180_000);

test("after all that the journal, the locks and the world agree", async () => {
  await untilDrained(town, BACK_MS);
  await simulator.stop();
  const sql = town.db.database.raw;
  const journal = await readJournal(sql);
  expect(await faultsOfChain(sql)).toEqual([]);
  expect(faultsOfOperations(journal)).toEqual([]);
  expect(await faultsOfStates(sql)).toEqual([]);
  expect(await faultsOfEvents(town, journal)).toEqual([]);
  // A bolt turned by hand needs nobody's leave, and no motor.
  expect(await faultsOfMotion(town, journal)).toEqual([]);
}, 120_000);
