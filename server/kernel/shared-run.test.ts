import { expect, test } from "vitest";
import { PortnerError } from "./errors.ts";
import { SharedRun } from "./shared-run.ts";

/** Work whose runs end when they are told to. */
function heldWork() {
  const ends: ((failure?: PortnerError) => void)[] = [];
  const run = new SharedRun(
    () =>
      new Promise((resolve, reject) => {
        ends.push((failure) => (failure === undefined ? resolve() : reject(failure)));
      }),
  );
  return { run, ends };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

test("who asks during a run shares the next, and nobody gets one that began before", async () => {
  const { run, ends } = heldWork();
  const first = run.ask();
  const second = run.ask();
  const third = run.ask();
  expect(ends).toHaveLength(1);
  let hasSecond = false;
  void second.then(() => (hasSecond = true));
  ends[0]?.();
  await first;
  await soon();
  expect(hasSecond).toBe(false);
  expect(ends).toHaveLength(2);

  // Asked while the shared one runs: a third run, which waits for it.
  const fourth = run.ask();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await Promise.all([second, third]);
  await soon();
  expect(ends).toHaveLength(3);
  ends[2]?.();
  await fourth;
  await run.settled();
});

test("a failed run is told to its own askers only", async () => {
  const { run, ends } = heldWork();
  const first = run.ask();
  const second = run.ask();
  ends[0]?.(new PortnerError("NO_ROOM", "no room"));
  await expect(first).rejects.toThrow("no room");
  await soon();
  ends[1]?.();
  await expect(second).resolves.toBeUndefined();
});
