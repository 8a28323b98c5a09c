import { expect, test } from "vitest";
import { NO_EFFECTS } from "../behaviours/effects.ts";
import { systemClock } from "../ground/clock.ts";
import { seededRandom } from "../ground/random.ts";
import { Lossy } from "./lossy.ts";

const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000_000);

function bitsOff(one: Uint8Array, other: Uint8Array): number {
  return one.reduce((sum, byte, at) => sum + (byte ^ (other[at] ?? 0)).toString(2).replaceAll("0", "").length, 0);
}

function linkThatGarbles(garbleChance: number): Lossy {
  const effects = () => ({ ...NO_EFFECTS, garbleChance });
  return new Lossy({ clock: systemClock, random: seededRandom(SEED), effects });
}

test(`a modem that garbles turns one bit over, in some messages, and never in the lock's own copy (seed ${SEED})`, () => {
  const link = linkThatGarbles(0.5);
  const said = Buffer.from("what the lock has signed");
  const off = Array.from({ length: 400 }, () => bitsOff(said, link.garbled(said)));
  expect(new Set(off)).toEqual(new Set([0, 1]));
  expect(said.toString()).toBe("what the lock has signed");
  expect(linkThatGarbles(0).garbled(said)).toEqual(said);
  expect(linkThatGarbles(1).garbled(Buffer.alloc(0))).toHaveLength(0);
});
