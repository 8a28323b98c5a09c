import { afterEach, expect, test } from "vitest";
import { Bench } from "./bench.ts";

const benches: Bench[] = [];

async function readyBench(options: ConstructorParameters<typeof Bench>[0] = {}): Promise<Bench> {
  const bench = await Bench.ready(options);
  benches.push(bench);
  return bench;
}

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

function lastTimeChallenge(bench: Bench): string {
  return bench.asks().findLast((ask) => ask.kind === "time")?.challenge ?? "";
}

test("time is taken from a signed answer to the lock's own challenge, once", async () => {
  const bench = await readyBench({ tellsTime: false });
  expect(bench.lock.isTimeTrusted).toBe(false);
  expect(bench.hear("ans", bench.hub.time("A".repeat(22), bench.now()))).toEqual({
    taken: false,
    reason: "BAD_CHALLENGE",
  });
  const answer = bench.hub.time(lastTimeChallenge(bench), bench.now());
  expect(bench.hear("ans", answer)).toEqual({ taken: true });
  expect(bench.lock.isTimeTrusted).toBe(true);
  expect(bench.hear("ans", answer)).toEqual({ taken: false, reason: "BAD_CHALLENGE" });
});

test("an answer after more than two seconds is not believed, and the lock asks again", async () => {
  const bench = await readyBench({ tellsTime: false });
  const challenge = lastTimeChallenge(bench);
  bench.clock.advance(1_999);
  const asked = bench.asks().length;
  await bench.pass(2);
  expect(bench.asks().length).toBe(asked + 1);
  const late = bench.hear("ans", bench.hub.time(challenge, bench.now()));
  expect(late).toEqual({ taken: false, reason: "BAD_CHALLENGE" });
  expect(bench.lock.isTimeTrusted).toBe(false);
});

test("no time below the stored floor is taken, also after a loss of power", async () => {
  const bench = await readyBench();
  await bench.reboot();
  expect(bench.lock.isTimeTrusted).toBe(false);
  bench.lock.connected();
  const back = bench.hub.time(lastTimeChallenge(bench), bench.flash.timeFloor - 1);
  expect(bench.hear("ans", back)).toEqual({ taken: false, reason: "BELOW_FLOOR" });
  expect(bench.lock.isTimeTrusted).toBe(false);
});

test("a clock that nobody sets grows untrusted, and one that is set stays trusted", async () => {
  const alone = await readyBench({ effects: { clockPpm: 500 } });
  alone.disconnect();
  await alone.pass(9_900_000);
  expect(alone.lock.isTimeTrusted).toBe(true);
  await alone.pass(200_000);
  expect(alone.lock.isTimeTrusted).toBe(false);
  const cared = await readyBench({ effects: { clockPpm: 500 } });
  await cared.pass(10_100_000);
  expect(cared.lock.isTimeTrusted).toBe(true);
  expect(cared.asks().filter((ask) => ask.kind === "time").length).toBeGreaterThan(3);
});
