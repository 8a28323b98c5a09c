import { CLOCK_SKEW_MS_MAX, type EventMessage } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { entryOfEvent } from "./event-entry.ts";

const HEARD_AT = Date.UTC(2026, 10, 23, 2);
const LOCK = { unitId: "unit-0001", tenant: 1, lock: 2, unit: 3, door: 4 };

/** When an opened door counts as opened, and whether by the lock's own clock. */
function timeOf(at: number, trusted: boolean, hubClockTrusted = true) {
  const clock = { trusted, errorMs: 20 };
  const event: EventMessage = { v: 1, unit: LOCK.unitId, boot: 1, seq: 5, at, clock, kind: "door", door: "open" };
  const { occurredAt, data } = entryOfEvent({ lock: LOCK, event, content: "c", heardAt: HEARD_AT, hubClockTrusted });
  return [occurredAt, "clockTrusted" in data && data.clockTrusted];
}

test("a lock's time counts while its clock is trusted, however old the event is", () => {
  expect(timeOf(HEARD_AT - 86_400_000, true)).toEqual([HEARD_AT - 86_400_000, true]);
  expect(timeOf(HEARD_AT - 1_000, false)).toEqual([HEARD_AT, false]);
});

test("nothing happens later than it is heard of, whatever a lock says of its clock", () => {
  expect(timeOf(HEARD_AT + CLOCK_SKEW_MS_MAX, true)).toEqual([HEARD_AT + CLOCK_SKEW_MS_MAX, true]);
  expect(timeOf(HEARD_AT + CLOCK_SKEW_MS_MAX + 1, true)).toEqual([HEARD_AT, false]);
  expect(timeOf(Date.UTC(2100, 0, 1), true)).toEqual([HEARD_AT, false]);
  // A hub that has just woken may be behind; then the lock's own clock is the better one.
  expect(timeOf(HEARD_AT + 600_000, true, false)).toEqual([HEARD_AT + 600_000, true]);
});
