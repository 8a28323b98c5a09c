import { expect, test } from "vitest";
import { BusyError, type BoundedGate } from "./gate.ts";
import { gateForHashes, Passwords } from "./password.ts";

/** Occupies a gate with work that ends when it is told to; answers how much of it was let in, and the most at once. */
async function fill(gate: BoundedGate): Promise<{ let: number; atOnce: number }> {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  let now = 0;
  let atOnce = 0;
  const work = async (): Promise<void> => {
    now += 1;
    atOnce = Math.max(atOnce, now);
    await gone;
    now -= 1;
  };
  const all = Array.from({ length: 1_000 }, () => gate.run(work));
  setImmediate(letGo);
  const settled = await Promise.allSettled(all);
  for (const each of settled) if (each.status === "rejected") expect(each.reason).toBeInstanceOf(BusyError);
  return { let: settled.filter(({ status }) => status === "fulfilled").length, atOnce };
}

test("two passwords are hashed at once, two hundred wait, and what is more is told at once that the hub is busy", async () => {
  const gate = gateForHashes();
  expect(await fill(gate)).toEqual({ let: 202, atOnce: 2 });
  expect(await fill(gate)).toEqual({ let: 202, atOnce: 2 });
});

test("a comparison that can't wait any more is answered as busy, never as wrong", async () => {
  const gate = gateForHashes();
  const passwords = new Passwords(gate);
  const stored = await passwords.hash("korrekt hest batteri");
  const filled = fill(gate);
  expect(await passwords.matches("korrekt hest batteri", stored)).toBe("busy");
  await filled;
  expect(await passwords.matches("korrekt hest batteri", stored)).toBe(true);
});
