import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../access/decide.ts";
import { systemClock } from "../kernel/clock.ts";
import { startCoreTown, type CoreTown } from "../simulation/core-town.ts";
import { pollUntil } from "../simulation/poll.ts";

/** Beyond what a hub may differ from Postgres. */
const STEP_MS = 60_000;
const READ_AGAIN_MS = 10_000;

let stepMs = 0;
let town: CoreTown;

beforeAll(async () => {
  town = await startCoreTown({ machine: { ...systemClock, now: () => Date.now() + stepMs } });
}, 60_000);
afterAll(() => town.stop());

test("a hub whose machine's clock is set decides nothing from that moment on, and its time goes on as Postgres's", async () => {
  const { index, opening } = town.core;
  const question = () => ({ credential: 1, lock: 1, at: opening.clock.now() });
  expect(await pollUntil(() => !index.isStale(), READ_AGAIN_MS)).toBe(true);
  for (const sign of [1, -1]) {
    stepMs = sign * STEP_MS;
    // No reading, not even another turn of the loop, in between.
    expect(decide(index, question())).toMatchObject({ outcome: "deny", reasons: ["INDEX_STALE"] });
    expect(Math.abs(opening.clock.now() - Date.now())).toBeLessThan(1_000);
    stepMs = 0;
    expect(index.isStale()).toBe(false);
  }
});
