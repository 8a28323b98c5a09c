import { expect, test } from "vitest";
import { MOVE_MS_MAX, settleOverdue, UNKNOWN_LOCK } from "./lock-state.ts";

const AT = 1_800_000_000_000;

test.each(["withdrawing", "throwing"] as const)(
  "a bolt that is %s is so for as long as a motor may run, and unknown after it",
  (value) => {
    const state = { ...UNKNOWN_LOCK, bolt: { value, at: AT } };
    expect(settleOverdue(state, AT + MOVE_MS_MAX)).toBe(state);
    expect(settleOverdue(state, AT + MOVE_MS_MAX + 1).bolt).toEqual({ value: "unknown", at: null });
  },
);

test("a bolt that stands somewhere stands there however old that is", () => {
  const state = { ...UNKNOWN_LOCK, bolt: { value: "withdrawn" as const, at: AT } };
  expect(settleOverdue(state, AT + 1_000 * MOVE_MS_MAX)).toBe(state);
});
