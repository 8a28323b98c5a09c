import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { enrolPhone, type Credentials, type TestPhone } from "./api-client.ts";
import { blockPhone, enrolCarers, untilAllLive, type Carer } from "./crowd.ts";
import type { HubProcess } from "./hub-process.ts";
import { allowedAfterBlock, readJournal } from "./journal-checks.ts";
import { pollUntil } from "./poll.ts";
import { dice } from "./rights-world.ts";
import { startTown, type RunningTown } from "./running-town.ts";

const ROUNDS = Number(process.env["PORTNER_ROUNDS"] ?? 10);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000);
/**
 * How late the second hub hears of everything. Its index is as old as two delays and a poll together, which must stay
 * below the age of doubt: a hub that denies everything proves nothing.
 */
const TAIL_DELAY_MS = 700;
/** How long the phone goes on after its block was answered: longer than the second hub takes to hear of it. */
const GO_ON_MS = 1_000;
/** A new phone is known to both hubs by then, and each lock's first heartbeat, of thirty seconds, was heard. */
const OPENS_MS = 45_000;
/** Openings under way at once by one phone. */
const AT_ONCE = 4;

let town: RunningTown;
let prompt: HubProcess;
let late: HubProcess;
/** What the late hub has printed. */
let printed = "";
let administrator: Credentials;
let carer: Carer | undefined;

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 5, locks: 12 }));
  prompt = await town.hub(0);
  await town.locks(prompt.url);
  // One phone presses as fast as the hub answers.
  const order = { tailDelayMs: TAIL_DELAY_MS, listen: false, logLevel: "info" as const, rateLimitFactor: 1_000 };
  late = await town.hub(1, order, (text) => (printed += text));
  administrator = await town.administrator(prompt.url);
  [carer] = await enrolCarers(town, prompt.url, { administrator, count: 1 });
  await untilAllLive(town, late.url, OPENS_MS);
}, 120_000);

afterAll(() => town.end());

/** Opens as fast as the hub answers until told to stop or signed out; counts what the answers were. */
async function hammer(phone: TestPhone, until: { stopped: boolean }, counts: Map<string, number>): Promise<void> {
  const locks = carer?.locks ?? [];
  for (let turn = 0; !until.stopped; turn += 1) {
    const answer = await phone.open(late.url, { lock: locks[turn % locks.length] ?? "" }).catch(() => undefined);
    const name = answer?.code ?? answer?.type ?? "SIGNED_OUT";
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (answer === undefined) return;
  }
}

/** One phone opens at the late hub while it is blocked at the prompt one. */
async function race(pauseMs: number, counts: Map<string, number>): Promise<void> {
  const phone = await enrolPhone(prompt.url, administrator, carer?.employee ?? "");
  const until = { stopped: false };
  const before = counts.get("OpenDoorSuccess") ?? 0;
  const hammers = Array.from({ length: AT_ONCE }, () => hammerWhenKnown(phone, until, counts));
  const opens = await pollUntil(() => (counts.get("OpenDoorSuccess") ?? 0) > before, OPENS_MS);
  await wait(pauseMs);
  await blockPhone(prompt.url, administrator, phone);
  await wait(GO_ON_MS);
  until.stopped = true;
  await Promise.all(hammers);
  expect(opens).toBe(true);
}

/** The late hub learns of a new phone late, too. */
async function hammerWhenKnown(phone: TestPhone, until: { stopped: boolean }, counts: Map<string, number>) {
  await pollUntil(async () => {
    const [lock = ""] = carer?.locks ?? [];
    const answer = await phone.open(late.url, { lock }).catch(() => undefined);
    return answer?.type === "OpenDoorSuccess";
  }, OPENS_MS);
  await hammer(phone, until, counts);
}

test(
  `nothing is opened after a block by a hub that has not heard of it, in ${ROUNDS} rounds`,
  { timeout: 60_000 + ROUNDS * 10_000 },
  async () => {
    const roll = dice(SEED);
    const counts = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) await race(roll(TAIL_DELAY_MS), counts);

    const journal = await readJournal(town.db.database.raw);
    const authorised = journal.filter(({ kind }) => kind === "opening.authorised").length;
    const { blocks, faults } = allowedAfterBlock(journal);
    const stale = printed.split("decided anew").length - 1;
    const seen = { seed: SEED, rounds: ROUNDS, blocks, authorised, stale, afterBlock: faults.length };
    process.stdout.write(`${JSON.stringify({ ...seen, answers: Object.fromEntries(counts) })}\n`);
    expect(blocks).toBe(ROUNDS);
    expect(faults).toEqual([]);
    // The guard was needed: the late hub allowed what the journal then refused.
    expect(stale).toBeGreaterThanOrEqual(1);
  },
);
