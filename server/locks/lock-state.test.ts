import { expect, test } from "vitest";
import { advancedLock, MOVE_MS_MAX, settleOverdue, UNKNOWN_LOCK } from "./lock-state.ts";

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

const SAID = { boot: 1, sequence: 6, clockTrusted: true, clockErrorMs: 0 };

test("a jam is over once the lock finds its bolt where it should be, and not while it is between", () => {
  const jammed = { ...UNKNOWN_LOCK, bolt: { value: "between" as const, at: AT }, jammedAt: AT };
  const after = (bolt: "thrown" | "withdrawn" | "between" | "unknown"): (number | null)[] => {
    const facts = { bolt, latch: "extended" as const, door: "closed" as const };
    const reported = { kind: "lock.reported" as const, occurredAt: AT + 1, data: { ...SAID, command: null, facts } };
    const restarted = {
      kind: "lock.restarted" as const,
      occurredAt: AT + 1,
      data: { ...SAID, cause: "power" as const, facts },
    };
    return [reported, restarted].map((entry) => advancedLock(jammed, entry).jammedAt);
  };
  expect([after("thrown"), after("withdrawn")]).toEqual([
    [null, null],
    [null, null],
  ]);
  expect([after("between"), after("unknown")]).toEqual([
    [AT, AT],
    [AT, AT],
  ]);
});

test("a jam keeps its beginning through further tries that jam", () => {
  const jam = (occurredAt: number) => {
    const data = { ...SAID, cause: "relock" as const, command: null, permit: null, towards: "thrown" as const };
    return { kind: "lock.jammed" as const, occurredAt, data };
  };
  const again = advancedLock(advancedLock(UNKNOWN_LOCK, jam(AT)), jam(AT + 60_000));
  expect([again.jammedAt, again.bolt]).toEqual([AT, { value: "between", at: AT + 60_000 }]);
});

test("events that were lost are counted, and dated by the last loss", () => {
  const once = advancedLock(UNKNOWN_LOCK, { kind: "lock.lost", occurredAt: AT, data: { ...SAID, from: 4 } });
  expect([once.lostEvents, once.lostAt]).toEqual([3, AT]);
});
