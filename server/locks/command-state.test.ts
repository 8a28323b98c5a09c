import fc from "fast-check";
import { expect, test } from "vitest";
import { COMMAND_STATES, isSettled, laterStanding, standingOfEvent, type CommandStanding } from "./command-state.ts";
import type { EventMessage } from "@portner/schema/mqtt";

const standing = fc.constantFrom(...COMMAND_STATES).map((state): CommandStanding => ({ state }));
const common = { v: 1 as const, unit: "unit-0001", boot: 1, seq: 1, at: 1, clock: { trusted: true, errorMs: 0 } };

test("a settled command never becomes open again, whatever is heard of it", () => {
  fc.assert(
    fc.property(standing, fc.array(standing), (first, later) => {
      const end = later.reduce(laterStanding, first);
      expect(isSettled(first.state) && !isSettled(end.state)).toBe(false);
    }),
  );
});

test("only unknown, and a refusal that the bolt disproves, may turn into something else once they are settled", () => {
  const evidence = new Set(["opened", "done", "jammed"]);
  fc.assert(
    fc.property(standing, standing, (held, next) => {
      fc.pre(isSettled(held.state) && held.state !== "unknown");
      fc.pre(held.state !== "rejected" || !evidence.has(next.state));
      expect(laterStanding(held, next)).toBe(held);
    }),
  );
});

test("late evidence turns unknown into what the lock saw", () => {
  for (const state of ["opened", "rejected", "expired", "jammed"] as const) {
    expect(laterStanding({ state: "unknown" }, { state }).state).toBe(state);
  }
});

test("a copy that the lock obeys after it refused the command is told as what the bolt did", () => {
  for (const state of ["opened", "jammed"] as const) {
    expect(laterStanding({ state: "rejected", detail: "MEMORY_FULL" }, { state })).toEqual({ state });
  }
});

test("an opening is opened by a withdrawn bolt and by nothing else", () => {
  const moved = (bolt: "withdrawn" | "thrown" | "between"): EventMessage => ({
    ...common,
    kind: "moved",
    cause: "command",
    cmd: "command-1",
    bolt,
    latch: "retracted",
    durationMs: 900,
  });
  expect(standingOfEvent(moved("withdrawn"), "open")).toEqual({ state: "opened" });
  expect(standingOfEvent(moved("thrown"), "open")).toBeUndefined();
  expect(standingOfEvent(moved("between"), "open")).toBeUndefined();
  expect(standingOfEvent(moved("withdrawn"), undefined)).toBeUndefined();
  expect(standingOfEvent({ ...common, kind: "door", door: "open" }, "open")).toBeUndefined();
});
