import { CHALLENGE_LIFE_MS, parseTopic } from "@portner/schema/mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { pause, systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { ASK_DECIDED_WITHIN_MS } from "../locks/ask-age.ts";
import { enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { faultsOfStates, readJournal } from "./journal-checks.ts";
import { faultsOfMotion, runsByCommand, townLocks, type TownLock } from "./lock-checks.ts";
import { pollUntil } from "./poll.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";
import { startWireTap, type Tapped, type WireTap } from "./wire-tap.ts";

/** Beyond any bound here, with room for the error of the lock's clock. */
const LATER_MS = 1_000;
const ANSWERED_MS = 15_000;
/** A lock sums its refusals up every ten seconds. */
const TOLD_MS = 30_000;

let town: RunningTown;
let hub: HubProcess;
/** Between the broker and the hub, and between the broker and the locks. */
let [near, far]: [WireTap | undefined, WireTap | undefined] = [undefined, undefined];
let simulator: SimulatedLocks;
let carer: Carer;
let door: TownLock;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 23, locks: 8 }));
  near = await startWireTap(town.broker.url);
  far = await startWireTap(town.broker.url);
  hub = await town.hub(0, {}, undefined, near.url);
  simulator = await town.locks(hub.url, ["--broker", far.url]);
  const administrator = await town.administrator(hub.url);
  const [enrolled] = await enrolCarers(town, hub.url, { administrator, count: 1 });
  const theirs = new Set(enrolled?.locks.map((id) => parseGlobalId(id).id));
  const found = (await townLocks(town.db.database.raw)).find(({ publicId }) => theirs.has(publicId));
  if (enrolled === undefined || found === undefined) throw new PortnerError("TOWN_TOO_SMALL", "nobody may open a door");
  [carer, door] = [enrolled, found];
  await untilAllLive(town, hub.url, 60_000);
}, 120_000);

afterAll(async () => {
  await near?.stop();
  await far?.stop();
  await town.end();
});

const isOn =
  (channel: string) =>
  ({ topic }: Tapped): boolean =>
    parseTopic(topic)?.channel === channel && topic.includes(door.publicId);

/** Shows the carer's phone at the door and has a tap keep back what goes over a channel; answers what it kept. */
async function showAndKeepBack(tap: WireTap | undefined, channel: string): Promise<Tapped> {
  if (tap === undefined) return expect.unreachable("the town is not there");
  const before = tap.seen.filter(isOn(channel)).length;
  tap.holdBack(isOn(channel));
  show();
  expect(await pollUntil(() => tap.seen.filter(isOn(channel)).length > before, ANSWERED_MS)).toBe(true);
  tap.holdBack(() => false);
  return tap.seen.filter(isOn(channel))[before] ?? expect.unreachable("nothing was kept back");
}

function show(): void {
  const { phone } = carer;
  simulator.order({
    serial: door.serial,
    do: "show",
    cred: parseGlobalId(phone.credential).id,
    gen: 1,
    key: phone.keyPair(),
  });
}

async function answers(): Promise<readonly string[]> {
  const journal = await readJournal(town.db.database.raw);
  return journal.flatMap(({ kind }) => (kind.startsWith("answer.") ? [kind] : []));
}

async function tooOld(): Promise<boolean> {
  const text = await (await fetch(`${hub.url}/metrics`)).text();
  return text.includes('portner_messages_quarantined_total{fault="ask:TOO_OLD"} 1');
}

test("a question that the broker kept back is not answered, counted, and not told as an opening; the next one is", async () => {
  const { lock, ...message } = await showAndKeepBack(near, "ask");
  await pause(systemClock, ASK_DECIDED_WITHIN_MS + LATER_MS);
  near?.say(lock, message);
  expect(await pollUntil(tooOld, ANSWERED_MS)).toBe(true);
  expect(await answers()).toEqual([]);
  show();
  const opened = async () => (await town.db.database.raw`SELECT 1 FROM command WHERE state = 'opened'`).length === 1;
  expect(await pollUntil(opened, ANSWERED_MS)).toBe(true);
  expect(await answers()).toEqual(["answer.given"]);
}, 60_000);

test("an answer that the broker kept back beyond the life of its challenge moves nothing", async () => {
  const runs = (await runsByCommand(town)).size;
  const { lock, ...message } = await showAndKeepBack(far, "ans");
  await pause(systemClock, CHALLENGE_LIFE_MS + LATER_MS);
  far?.say(lock, message);
  const refused = async () =>
    (await town.db.database.raw`SELECT 1 FROM command WHERE state = 'rejected' AND detail = 'BAD_CHALLENGE'`).length;
  expect(await pollUntil(async () => (await refused()) === 1, TOLD_MS)).toBe(true);
  expect((await runsByCommand(town)).size).toBe(runs);
  expect(await faultsOfMotion(town, await readJournal(town.db.database.raw))).toEqual([]);
  expect(await faultsOfStates(town.db.database.raw)).toEqual([]);
}, 90_000);
