import { expect, test } from "vitest";
import { ignoreRepeats } from "./ignore-repeats.ts";

/** Whether a key's stroke still does what it does by itself. */
function isLet(part: HTMLElement, stroke: { readonly key: string; readonly repeat: boolean }): boolean {
  return part.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), stroke));
}

function isPart(target: EventTarget): target is HTMLElement {
  return "dispatchEvent" in target;
}

test("of a held Enter only the first stroke does something; other keys repeat", () => {
  const part = new EventTarget();
  if (!isPart(part)) return expect.unreachable();
  const stop = ignoreRepeats(part);
  expect([false, true].map((repeat) => isLet(part, { key: "Enter", repeat }))).toEqual([true, false]);
  expect(isLet(part, { key: "Tab", repeat: true })).toBe(true);
  stop();
  expect(isLet(part, { key: "Enter", repeat: true })).toBe(true);
});
