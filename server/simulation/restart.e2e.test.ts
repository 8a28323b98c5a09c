import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { generateTown } from "../../lock-sim/town/generate.ts";
import { eventually, request, type Credentials } from "./api-client.ts";
import type { HubProcess } from "./hub-process.ts";
import { startTown, type RunningTown, type SimulatedLocks } from "./running-town.ts";

const LOCKS = 6;
/** The hub's heartbeat setting in a test town; a lock is silent after three. */
const HEARTBEAT_MS = 2_000;

let town: RunningTown;
let hub: HubProcess;
let simulator: SimulatedLocks;
let administrator: Credentials;

const Locks = z.object({
  locks: z.object({
    edges: z.array(
      z.object({
        node: z.object({ bolt: z.object({ value: z.string() }), freshness: z.object({ state: z.string() }) }),
      }),
    ),
  }),
});

async function shown(): Promise<z.infer<typeof Locks>["locks"]["edges"]> {
  const document = "{ locks(first: 50) { edges { node { bolt { value } freshness { state } } } } }";
  const { locks } = await request(hub.url, administrator, { document, answer: Locks });
  return locks.edges;
}

/** At how many locks a command led to an entry of this kind. */
async function countOf(kind: string): Promise<number> {
  const [row] = await town.db.database.raw<{ count: number }[]>`
    SELECT count(DISTINCT lock)::integer AS count FROM journal WHERE kind = ${kind} AND command IS NOT NULL`;
  return row?.count ?? 0;
}

/** Of how many locks the heartbeat interval in force is in the table. */
async function intervalsStored(): Promise<number> {
  const [row] = await town.db.database.raw<{ count: number }[]>`
    SELECT count(*)::integer AS count FROM lock_board WHERE telemetry ->> 'intervalMs' = ${String(HEARTBEAT_MS)}`;
  return row?.count ?? 0;
}

beforeAll(async () => {
  town = await startTown(generateTown({ seed: 11, locks: LOCKS }));
  hub = await town.hub(0);
  simulator = await town.locks(hub.url);
  administrator = await town.administrator(hub.url);
}, 90_000);

afterAll(() => town.end());

test("a hub that was away shows what it last knew, asks the locks that are not live, and hears them", async () => {
  const known = await eventually(async () => {
    const locks = await shown();
    return locks.every(({ node }) => node.bolt.value !== "UNKNOWN") ? locks : undefined;
  }, 15_000);
  expect(known.length).toBe(LOCKS);
  // Its interval is what makes a lock late; a hub can only hold one to what it has stored of it.
  await eventually(async () => ((await intervalsStored()) === LOCKS ? true : undefined), 45_000);
  const { port } = new URL(hub.url);
  // The locks stand still meanwhile: a heartbeat that waits at the broker would make them live before anybody asks.
  process.kill(simulator.pid, "SIGSTOP");
  await hub.kill();
  await new Promise((resolve) => {
    setTimeout(resolve, 3 * HEARTBEAT_MS);
  });
  hub = await town.hub(0, { port: Number(port) });
  // What it last knew is there before anybody answers; nothing begins as unlocked or unknown again.
  expect((await shown()).map(({ node }) => node.bolt.value)).toEqual(known.map(({ node }) => node.bolt.value));
  await eventually(async () => ((await countOf("command.authorised")) === LOCKS ? true : undefined), 15_000);
  process.kill(simulator.pid, "SIGCONT");
  // On a busy machine a request may be abandoned as too old to sign; the heartbeat tells then.
  await eventually(async () => ((await countOf("lock.reported")) > 0 ? true : undefined), 30_000);
  const fresh = await eventually(async () => {
    const locks = await shown();
    return locks.every(({ node }) => node.freshness.state === "LIVE") ? locks : undefined;
  }, 30_000);
  expect(fresh.length).toBe(LOCKS);
}, 90_000);
