import { expect, test } from "vitest";
import { Painter } from "./painter.ts";

function stage() {
  const state = { nowMs: 1_000, frames: [] as (() => void)[], timers: [] as { run: () => void; delayMs: number }[] };
  const painter = new Painter({
    nowMs: () => state.nowMs,
    frame: (run) => void state.frames.push(run),
    later: (run, delayMs) => void state.timers.push({ run, delayMs }),
  });
  const frame = () => {
    for (const run of state.frames.splice(0)) run();
  };
  return { state, painter, frame };
}

test("the first picture comes at once, the next one not before its pause is over", () => {
  const { state, painter, frame } = stage();
  let pictures = 0;
  const count = () => (pictures += 1);
  painter.ask(count, 50);
  frame();
  expect(pictures).toBe(1);
  state.nowMs += 20;
  painter.ask(count, 50);
  expect(state.frames).toEqual([]);
  expect(state.timers[0]?.delayMs).toBe(30);
  state.timers[0]?.run();
  frame();
  expect(pictures).toBe(2);
});

test("a picture that is called off is not drawn", () => {
  const { painter, frame } = stage();
  let pictures = 0;
  painter.ask(() => (pictures += 1), 50)();
  frame();
  expect(pictures).toBe(0);
});
