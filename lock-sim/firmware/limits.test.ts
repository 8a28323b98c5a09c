import { CHALLENGE_LIFE_MS, VERIFICATIONS_PER_SECOND_MAX } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { ManualClock } from "../bench/manual-clock.ts";
import { systemRandom } from "../ground/random.ts";
import { VERIFICATIONS_BURST, VERIFICATIONS_RESERVED, VerificationBudget } from "./budget.ts";
import { Challenges, CHALLENGES_MAX } from "./challenges.ts";
import { LockTime, TRUSTED_ERROR_MS_MAX } from "./lock-time.ts";
import { LOST_RANGES_MAX, Ring } from "./ring.ts";

/** Lets time pass on a clock where nothing else waits. */
function pass(clock: ManualClock, ms: number): void {
  for (let left: number | undefined = ms; left !== undefined;) left = clock.step(left);
}

test("four challenges of a kind are alive at once; a fifth is made when one is spent or ten seconds have passed", () => {
  const clock = new ManualClock();
  const challenges = new Challenges({ clock, random: systemRandom });
  const made = Array.from({ length: CHALLENGES_MAX }, () => challenges.make({ kind: "command" }));
  expect(challenges.make({ kind: "command" })).toBeUndefined();
  expect(challenges.make({ kind: "touch" })).toBeDefined();
  expect(challenges.spend(made[0] ?? "", "command")).toBeDefined();
  expect(challenges.make({ kind: "command" })).toBeDefined();
  pass(clock, CHALLENGE_LIFE_MS);
  expect(challenges.make({ kind: "command" })).toBeUndefined();
  pass(clock, 1);
  expect(challenges.make({ kind: "command" })).toBeDefined();
  expect(challenges.spend(made[1] ?? "", "command")).toBeUndefined();
});

test("a question for the time takes the place of the one before, however often it is asked", () => {
  const challenges = new Challenges({ clock: new ManualClock(), random: systemRandom });
  const asked = Array.from({ length: 3 * CHALLENGES_MAX }, () => challenges.make({ kind: "time" }) ?? "");
  expect(asked.filter((challenge) => challenges.spend(challenge, "time") !== undefined)).toEqual(asked.slice(-1));
});

test("a clock is trusted up to five seconds of doubt and not a moment longer", () => {
  const clock = new ManualClock();
  const crystalPpm = 100;
  const time = new LockTime({ clock, crystalPpm: () => crystalPpm, floor: 0 });
  time.take(1_800_000_000_000, 2);
  const untilDoubtMs = ((TRUSTED_ERROR_MS_MAX - time.errorMs()) * 1_000_000) / crystalPpm;
  pass(clock, untilDoubtMs);
  expect([time.errorMs(), time.isTrusted()]).toEqual([TRUSTED_ERROR_MS_MAX, true]);
  pass(clock, 1);
  expect([time.errorMs(), time.isTrusted()]).toEqual([TRUSTED_ERROR_MS_MAX + 1, false]);
});

test("so many verifications come at once, the last of them for commands only, and then so many a second", () => {
  const clock = new ManualClock();
  const budget = new VerificationBudget(clock);
  const taken = (reserve: number): number => {
    let count = 0;
    while (budget.take(reserve)) count += 1;
    return count;
  };
  expect(taken(VERIFICATIONS_RESERVED)).toBe(VERIFICATIONS_BURST - VERIFICATIONS_RESERVED);
  expect(taken(0)).toBe(VERIFICATIONS_RESERVED);
  pass(clock, 1_000);
  expect(taken(0)).toBe(VERIFICATIONS_PER_SECOND_MAX);
  pass(clock, 3_600_000);
  expect(taken(0)).toBe(VERIFICATIONS_BURST);
});

test("overwritten ranges of so many boots are told; of more, the oldest gives way", () => {
  const ring = new Ring(1);
  const boots = LOST_RANGES_MAX + 3;
  for (let boot = 1; boot <= boots + 1; boot += 1) {
    ring.push({ boot, seq: 1, at: boot, clock: { trusted: true, errorMs: 1 } });
  }
  expect(ring.lost.map((range) => range.boot)).toEqual(Array.from({ length: LOST_RANGES_MAX }, (_, at) => at + 4));
});
