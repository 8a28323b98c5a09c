import { expect, test } from "vitest";
import { drained, idleMillivolts, loadMillivolts, MOTOR_MILLIVOLTS_MIN } from "./cells.ts";

test("voltage falls with charge, more under load, and empty cells can't turn the motor", () => {
  const charges = Array.from({ length: 101 }, (_, at) => 1 - at / 100);
  for (const [at, charge] of charges.entries()) {
    expect(loadMillivolts(charge)).toBeLessThan(idleMillivolts(charge));
    const before = charges[at - 1];
    if (before !== undefined) expect(idleMillivolts(charge)).toBeLessThanOrEqual(idleMillivolts(before));
  }
  expect(loadMillivolts(1)).toBeGreaterThan(6_000);
  expect(loadMillivolts(0)).toBeLessThan(MOTOR_MILLIVOLTS_MIN);
});

test("wear is scaled by speed and never falls below empty", () => {
  const used = { legs: 100, idleMs: 86_400_000 };
  const slow = 1 - drained(1, { ...used, speed: 1 });
  expect(1 - drained(1, { ...used, speed: 10 })).toBeCloseTo(10 * slow);
  expect(drained(0.001, { ...used, speed: 1_000 })).toBe(0);
});
