import { expect, test } from "vitest";
import { isNoisy, playRounds, ratiosOf, ROUNDS_MAX, ROUNDS_MIN } from "./rounds.ts";
import { quantile, spreadOf } from "./statistics.ts";

/** A match whose floor gives these rates, turn by turn, and whose other contestant is half as fast as 100. */
function match(floorRates: readonly number[]) {
  const rates = [...floorRates];
  return {
    floor: { name: "floor", measure: () => Promise.resolve({ rate: rates.shift() ?? 100 }) },
    others: [{ name: "ours", measure: () => Promise.resolve({ rate: 50 }) }],
    steady: "rate",
  };
}

test("rounds are played until five are valid; one in which the floor moves by more than a tenth is void", async () => {
  const rounds = await playRounds(match([100, 120, 100, 100]), () => undefined);
  expect(rounds.map(({ valid }) => valid)).toEqual([false, true, true, true, true, true]);
  expect(isNoisy(rounds)).toBe(false);
  expect(ratiosOf(rounds, { of: "ours", to: "floor", figure: "rate" })).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
});

test("on a machine that is never quiet it gives up, shows every round and calls itself noisy", async () => {
  const restless = Array.from({ length: 2 * ROUNDS_MAX }, (_, n) => (n % 2 === 0 ? 100 : 200));
  const rounds = await playRounds(match(restless), () => undefined);
  expect(rounds).toHaveLength(ROUNDS_MAX);
  expect(isNoisy(rounds)).toBe(true);
  expect(ratiosOf(rounds, { of: "ours", to: "floor", figure: "rate" })).toHaveLength(ROUNDS_MAX);
  expect(ROUNDS_MIN).toBeLessThan(ROUNDS_MAX);
});

test("medians and quantiles are of the sorted numbers", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
  expect([quantile([5, 1, 4, 2, 3], 0.5), quantile([1, 2], 0.99), quantile([], 0.5)]).toEqual([3, 2, Number.NaN]);
});
