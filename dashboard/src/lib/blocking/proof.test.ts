import { expect, test } from "vitest";
import type { BlockState } from "./documents.ts";
import { BAR_STEPS, fullSteps, pauseMs, proofStage, sharedText, unprovenCount } from "./proof.ts";

const T0 = Date.parse("2026-11-22T09:05:00Z");
const at = (seconds: number): string => new Date(T0 + seconds * 1_000).toISOString();

function block(proven: number, total: number, over: Partial<BlockState> = {}): BlockState {
  const reach = { hubsApplied: 1, hubsTotal: 1, locksProven: proven, locksTotal: total, residual: [] };
  return { id: "B", lifted: false, placedAt: at(0), commandsUntil: at(24), denyUntil: at(3_600), reach, ...over };
}

test("a block runs out, then leaves a residue, is proven when every lock says so, and expires when nothing older holds", () => {
  expect(proofStage(block(1, 2), T0 + 1_000)).toBe("running-out");
  expect(proofStage(block(1, 2), T0 + 30_000)).toBe("residual");
  expect(proofStage(block(2, 2), T0 + 1_000)).toBe("proven");
  expect(proofStage(block(1, 2), T0 + 3_600_000)).toBe("expired");
  expect(proofStage(block(2, 2), T0 + 3_600_000)).toBe("proven");
});

test("locks that have not proven a block are counted whole, also where the hub names only the first of them", () => {
  const residual = Array.from({ length: 200 }, (_, index) => ({ lockId: `L${index}`, until: at(3_600) }));
  const reach = { hubsApplied: 1, hubsTotal: 1, locksProven: 6, locksTotal: 1_203, residual };
  expect(unprovenCount(reach)).toBe(1_197);
  expect(unprovenCount({ ...reach, locksProven: 1_203, residual: [] })).toBe(0);
});

test("what several rows have in common is told once, and of rows that differ or of one row nothing is", () => {
  expect(sharedText(["04.44.14", "04.44.14"])).toBe("04.44.14");
  expect([sharedText(["04.44.14", "04.44.15"]), sharedText(["04.44.14"]), sharedText([])]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test("nothing is claimed of a block whose reach can't be read, nor while a hub has not applied it", () => {
  expect(proofStage(block(0, 0, { reach: null }), T0 + 99_000)).toBe("untold");
  const reach = { hubsApplied: 1, hubsTotal: 2, locksProven: 2, locksTotal: 2, residual: [] };
  expect(proofStage(block(2, 2, { reach }), T0 + 30_000)).toBe("residual");
});

test("the hub is asked often at first, seldom later, and not at all when all is proven", () => {
  expect(pauseMs([block(1, 2)], T0 + 1_000)).toBe(1_000);
  expect(pauseMs([block(1, 2)], T0 + 60_000)).toBe(5_000);
  expect(pauseMs([block(1, 2)], T0 + 600_000)).toBe(30_000);
  expect(pauseMs([block(2, 2)], T0 + 1_000)).toBeUndefined();
  expect(pauseMs([block(1, 2)], T0 + 3_600_000)).toBeUndefined();
  expect(pauseMs([], T0)).toBeUndefined();
});

test("the bar is full when every lock has proven the block, and visibly not before", () => {
  expect([0, 600, 1_197, 1_199, 1_200].map((proven) => fullSteps(proven, 1_200))).toEqual([0, 10, 19, 19, BAR_STEPS]);
  expect(fullSteps(0, 0)).toBe(BAR_STEPS);
});
