import { beforeEach, expect, test } from "vitest";
import { Hold, HOLD_MS, REST_MS } from "./hold.svelte.ts";

/** Timers that run out when the test says so. */
let timers: { readonly durationMs: number; readonly act: () => void }[];
let acted: number;
let hold: Hold;

beforeEach(() => {
  timers = [];
  acted = 0;
  const after = (durationMs: number, act: () => void) => {
    const timer = { durationMs, act };
    timers.push(timer);
    return () => void (timers = timers.filter((one) => one !== timer));
  };
  hold = new Hold({ after }, () => (acted += 1));
});

function pass(durationMs: number): void {
  const due = timers.filter((timer) => timer.durationMs <= durationMs);
  timers = timers.filter((timer) => !due.includes(timer));
  for (const { act } of due) act();
}

test("held long enough it acts, once, and not again when it is let go", () => {
  hold.down();
  expect(hold.state).toBe("held");
  pass(HOLD_MS);
  hold.up();
  expect([acted, hold.state]).toEqual([1, "idle"]);
  expect(timers).toEqual([]);
});

test("let go too early it asks for another press, which acts when it comes up", () => {
  hold.down();
  hold.up();
  expect([acted, hold.state]).toEqual([0, "again"]);
  pass(REST_MS);
  hold.down();
  expect([acted, hold.state]).toEqual([0, "again"]);
  hold.up();
  expect([acted, hold.state]).toEqual([1, "idle"]);
  expect(timers).toEqual([]);
});

test("a press that is held acts, also right after a short one", () => {
  hold.down();
  hold.up();
  hold.down();
  expect([acted, hold.state]).toEqual([0, "held"]);
  pass(HOLD_MS);
  hold.up();
  expect([acted, hold.state]).toEqual([1, "idle"]);
});

test("a double tap is one press, and a finger that slips off the second press takes it back", () => {
  for (let taps = 0; taps < 4; taps += 1) {
    hold.down();
    hold.up();
  }
  expect([acted, hold.state]).toEqual([0, "again"]);
  pass(REST_MS);
  hold.down();
  hold.leave();
  hold.up();
  expect([acted, hold.state]).toEqual([0, "idle"]);
});

test("the other press must come soon", () => {
  hold.down();
  hold.up();
  pass(60_000);
  expect(hold.state).toBe("idle");
  hold.down();
  expect([acted, hold.state]).toEqual([0, "held"]);
});

test("a finger that slips off does nothing", () => {
  hold.down();
  hold.leave();
  pass(60_000);
  hold.up();
  expect([acted, hold.state]).toEqual([0, "idle"]);
});

test("a key that repeats while it is held begins nothing anew", () => {
  hold.down();
  hold.down();
  hold.down();
  pass(HOLD_MS);
  expect(acted).toBe(1);
});
