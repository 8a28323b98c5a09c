import { expect, test } from "vitest";
import { ManualClock } from "../../simulation/manual-clock.ts";
import { HELD_MS_MAX, Precedence } from "./precedence.ts";

function watched(precedence: Precedence): { gone: boolean } {
  const state = { gone: false };
  void precedence.turn().then(() => (state.gone = true));
  return state;
}

/** Lets everything happen that is due. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("others begin at once while nothing goes first, and else when the last that does has ended", async () => {
  const precedence = new Precedence(new ManualClock());
  const free = watched(precedence);
  await soon();
  expect(free.gone).toBe(true);
  const ends = [precedence.begin(), precedence.begin()];
  const held = [watched(precedence), watched(precedence)];
  ends[0]?.();
  ends[0]?.();
  await soon();
  expect([precedence.isTaken, held.map(({ gone }) => gone)]).toEqual([true, [false, false]]);
  ends[1]?.();
  await soon();
  expect([precedence.isTaken, held.map(({ gone }) => gone)]).toEqual([false, [true, true]]);
});

test("nobody is held for longer than a moment, whatever goes first", async () => {
  const clock = new ManualClock();
  const precedence = new Precedence(clock);
  precedence.begin();
  const held = watched(precedence);
  clock.advance(HELD_MS_MAX - 1);
  await soon();
  expect(held.gone).toBe(false);
  clock.advance(1);
  await soon();
  expect(held.gone).toBe(true);
});
