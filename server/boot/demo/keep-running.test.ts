import { expect, test, vi } from "vitest";
import { systemClock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { KeptPart, type Part } from "./keep-running.ts";

interface TestPart extends Part {
  readonly number: number;
  die(): void;
}

/** Parts that end when they are told to, numbered as they were launched. */
function launcher(failures: readonly number[] = []) {
  const launched: TestPart[] = [];
  let count = 0;
  const launch = (): Promise<TestPart> => {
    count += 1;
    if (failures.includes(count)) return Promise.reject(new PortnerError("NO_LUCK", "no luck"));
    const { promise: exited, resolve } = Promise.withResolvers<void>();
    const part = { number: count, exited, die: () => resolve(), stop: () => Promise.resolve(resolve()) };
    launched.push(part);
    return Promise.resolve(part);
  };
  return { launch, launched };
}

function start(launch: () => Promise<TestPart>) {
  const told: string[] = [];
  const tell = (sentence: string): void => void told.push(sentence);
  return { kept: KeptPart.start("the part", launch, { clock: systemClock, tell }), told };
}

test("a part that dies is started again, also when a start in between fails, and each is told", async () => {
  const { launch, launched } = launcher([2]);
  const { kept, told } = start(launch);
  const part = await kept;
  launched[0]?.die();
  await vi.waitFor(() => expect(part.current().number).toBe(3), { timeout: 5_000 });
  expect(told).toEqual([
    "the part ended by itself; it is started again in 0.5 s",
    "the part could not be started: no luck",
    "the part ended by itself; it is started again in 1 s",
  ]);
  await part.stop();
});

test("a part that was asked to end stays down, even in the pause before its next start", async () => {
  const { launch, launched } = launcher();
  const part = await start(launch).kept;
  launched[0]?.die();
  await launched[0]?.exited;
  await part.stop();
  expect(launched).toHaveLength(1);
});

test("a first start that fails is the caller's to know", async () => {
  await expect(start(launcher([1]).launch).kept).rejects.toMatchObject({ code: "NO_LUCK" });
});
