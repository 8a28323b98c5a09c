import { expect, test } from "vitest";
import { readBehaviourPlan } from "../../../lock-sim/behaviours/plan.ts";
import { generateTown } from "../../../lock-sim/town/generate.ts";
import { troublesOf } from "./troubles.ts";

test("the whole town has some locks of each trouble, each lock one, in words that the simulator reads", () => {
  const world = generateTown({ seed: 7, locks: 1_200 });
  const { behaviours, silent } = troublesOf(world);
  const plan = readBehaviourPlan(JSON.stringify(behaviours));
  const kinds = Object.values(plan).map((each) => each.map(({ kind }) => kind));
  expect(kinds.filter((each) => each.length !== 1)).toEqual([]);
  const count = (wanted: string): number => kinds.flat().filter((kind) => kind === wanted).length;
  const counts = [count("jam"), count("weakBattery"), count("ajar"), count("garbledLink"), silent.length];
  expect(counts).toEqual([4, 8, 3, 2, 2]);
  const serials = new Set(world.locks.map(({ serial }) => serial));
  expect([...Object.keys(plan), ...silent].filter((serial) => !serials.has(serial))).toEqual([]);
  expect(silent.filter((serial) => serial in plan)).toEqual([]);
  expect(troublesOf(world)).toEqual({ behaviours, silent });
});

test("in a small town every lock works", () => {
  expect(troublesOf(generateTown({ seed: 7, locks: 300 }))).toEqual({ behaviours: {}, silent: [] });
});
