import { expect, test } from "vitest";
import { problemTone, type ProblemCode } from "./problem-tone.ts";

test.each<[ProblemCode, string]>([
  ["QUARANTINED", "urgent"],
  ["TAMPERED", "urgent"],
  ["EVENTS_LOST", "soon"],
  ["FACTS_DOUBTFUL", "soon"],
  ["CLOCK_UNTRUSTED", "soon"],
  ["NEVER_HEARD", "neutral"],
])("%s is %s, in the list and on the lock's page as in the hub's verdict", (code, tone) => {
  expect(problemTone(code)).toBe(tone);
});
