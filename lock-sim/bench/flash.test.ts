import { readFile, writeFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { afterEach, expect, test } from "vitest";
import { Bench } from "./bench.ts";
import { Flash } from "../firmware/flash.ts";

const benches: Bench[] = [];

afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.remove();
});

async function readyBench(): Promise<Bench> {
  const bench = await Bench.ready();
  benches.push(bench);
  return bench;
}

/** Everything that must come back after a loss of power. */
function memoryOf(flash: Flash) {
  const { pair, commission, config, deny, boot, seq, floor, timeFloor, usedCount, ring } = flash;
  const { lost } = ring;
  return {
    pair,
    commission,
    config,
    deny,
    boot,
    seq,
    floor,
    timeFloor,
    usedCount,
    lost: [...lost],
    kept: [...ring.kept()],
  };
}

test("a command's id and its accepted event are on flash together or not at all, wherever the write was torn", async () => {
  const bench = await readyBench();
  const order = bench.hub.order(bench.now());
  await bench.pass(10);
  const before = await readFile(bench.flashPath);
  bench.hear("cmd", bench.hub.sign("cmd", order));
  await bench.flash.settled();
  const after = await readFile(bench.flashPath);
  await bench.powerOff();
  const line = after.subarray(before.length, after.indexOf(0x0a, before.length) + 1);
  for (let end = 0; end <= line.length; end += 1) {
    await writeFile(bench.flashPath, Buffer.concat([before, line.subarray(0, end)]));
    const flash = await Flash.open(bench.flashPath);
    const isTold = [...flash.ring.kept()].some((text) => text.includes(order.id));
    expect(flash.isUsed(order.id)).toBe(end === line.length);
    expect(isTold).toBe(end === line.length);
    await flash.close();
  }
});

test("a rewritten flash holds the same memory: ring, lost ranges, ids, floor, documents", async () => {
  const bench = await readyBench();
  bench.hear("deny", bench.hub.deny(4, [{ cred: "credential-9", gen: 3, until: bench.now() + 9_000_000 }]));
  bench.disconnect();
  for (let opened = 0; opened < 20; opened += 1) {
    bench.hear("cmd", bench.hub.cmd(bench.now(), { op: "identify" }));
    bench.clock.advance(250);
  }
  for (let told = 0; told < 5_000; told += 1) bench.lock.tampered("cover");
  await bench.settle();
  const { flash } = bench;
  expect(flash.ring.size).toBe(2_048);
  expect(flash.ring.lost).toHaveLength(1);
  await bench.powerOff();
  const again = await Flash.open(bench.flashPath);
  expect(isDeepStrictEqual(memoryOf(again), memoryOf(flash))).toBe(true);
  await again.close();
});

test("overwritten events become a signed lost event, and after it everything comes in order", async () => {
  const bench = await readyBench();
  bench.ackAll();
  bench.disconnect();
  const acked = bench.flash.seq;
  for (let told = 0; told < 2_100; told += 1) bench.lock.tampered("force");
  await bench.settle();
  const made = bench.flash.seq;
  await bench.reboot();
  bench.sent.length = 0;
  bench.connect();
  await bench.pass(1);
  let contiguous = acked;
  for (let round = 0; contiguous < made; round += 1) {
    expect(round).toBeLessThan(200);
    for (const event of bench.events()) {
      if (event.boot !== 1) continue;
      const first = event.kind === "lost" ? event.from : event.seq;
      expect(first).toBeLessThanOrEqual(contiguous + 1);
      contiguous = Math.max(contiguous, event.seq);
    }
    bench.sent.length = 0;
    await bench.pass(250);
    bench.hear("ack", bench.hub.ack(1, contiguous));
  }
  expect(bench.events().find((event) => event.boot === 2)).toMatchObject({ kind: "restarted", seq: 1 });
});
