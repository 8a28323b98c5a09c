import { expect, test } from "vitest";
import { EMITTERS } from "./emitters.ts";
import { tallyOf } from "./suite.ts";

test.each([
  ["all passed", { passed: 9, failed: 0, faults: [] }, true, { passed: 9, failed: 0 }],
  ["some failed", { passed: 8, failed: 1, faults: ["a test"] }, false, { passed: 8, failed: 1, faults: ["a test"] }],
  ["a file that did not load", { passed: 9, failed: 0, faults: ["a file"] }, false, { passed: 9, failed: 1 }],
  ["a run without a test", { passed: 0, failed: 0, faults: [] }, true, { passed: 0, failed: 1 }],
  ["a run without a report", undefined, true, { passed: 0, failed: 1 }],
])("%s is counted so that no failure is lost", (_name, report, isOk, expected) => {
  expect(tallyOf(report, isOk)).toMatchObject(expected);
});

test("every generated file has one emitter", () => {
  const paths = EMITTERS.flatMap((emitter) => emitter.paths);
  expect(new Set(paths).size).toBe(paths.length);
});
