import { expect, test } from "vitest";
import { effectsOf } from "./behaviour.ts";
import { NO_EFFECTS } from "./effects.ts";
import { behavioursFor, readBehaviourPlan } from "./plan.ts";

test("short forms are behaviours of every lock", () => {
  const plan = readBehaviourPlan("jam;drift:ppm=-300; lossyLink:drop=0.5,duplicate=0");
  expect(effectsOf(behavioursFor(plan, "ANY-1"))).toEqual({
    ...NO_EFFECTS,
    jamChance: 1,
    clockPpm: -300,
    dropChance: 0.5,
    duplicateChance: 0,
    reorderChance: 0.1,
  });
});

test("a file names locks, and what it says of one adds to what it says of all", () => {
  const plan = readBehaviourPlan('{"*":[{"kind":"ajar"}],"NX-1":[{"kind":"slowMotor","factor":2}]}');
  expect(effectsOf(behavioursFor(plan, "NX-1"))).toMatchObject({ isLeftAjar: true, travelFactor: 2 });
  expect(effectsOf(behavioursFor(plan, "NX-2"))).toMatchObject({ isLeftAjar: true, travelFactor: 1 });
});

test.each(["jamm", "drift", "drift:ppm=x", '{"*":[{"kind":"jam","chance":2}]}', "{"])("`%s` is refused", (text) => {
  expect(() => readBehaviourPlan(text)).toThrow(expect.objectContaining({ code: "BAD_BEHAVIOURS" }));
});
