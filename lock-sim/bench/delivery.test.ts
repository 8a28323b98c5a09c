import { expect, test } from "vitest";
import { NO_EFFECTS } from "../behaviours/effects.ts";
import { seededRandom } from "../ground/random.ts";
import { Lossy } from "../link/lossy.ts";
import { Bench } from "./bench.ts";

const COUNT = Number(process.env["PORTNER_COMMANDS"] ?? 600);
const SEED = Number(process.env["PORTNER_SEED"] ?? Date.now() % 1_000_000_000);

test(`with a fifth of all commands doubled, a tenth lost and many overtaken, the motor runs at most once an id in ${COUNT} (seed ${SEED})`, async () => {
  const bench = await Bench.ready();
  try {
    const effects = () => ({ ...NO_EFFECTS, dropChance: 0.1, duplicateChance: 0.2, reorderChance: 0.3 });
    const lossy = new Lossy({ clock: bench.clock, random: seededRandom(SEED), effects });
    const taken = new Set<string>();
    for (let sent = 0; sent < COUNT; sent += 1) {
      const order = bench.hub.order(bench.now());
      const bytes = bench.hub.sign("cmd", order);
      const deliver = (): void => {
        if (bench.hear("cmd", bytes).taken) taken.add(order.id);
      };
      lossy.pass(deliver);
      if (sent % 4 === 0) bench.clock.after(900, deliver);
      await bench.pass(1_800);
      bench.ackAll();
      bench.sent.length = 0;
    }
    await bench.pass(10_000);
    const ids = (await bench.runs()).filter((run) => run.cause === "command").map((run) => run.cmd);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(ids)).toEqual(taken);
    expect(taken.size).toBeGreaterThan(COUNT * 0.8);
  } finally {
    await bench.remove();
  }
}, 300_000);

test("a lossy link still brings every event to a hub that acknowledges in order", async () => {
  const bench = await Bench.ready();
  try {
    const effects = () => ({ ...NO_EFFECTS, dropChance: 0.1, duplicateChance: 0.2, reorderChance: 0.2 });
    const lossy = new Lossy({ clock: bench.clock, random: seededRandom(SEED), effects });
    let contiguous = 0;
    let seen = 0;
    const heard = new Set<number>();
    for (let told = 0; told < 100; told += 1) bench.lock.tampered("cover");
    for (let round = 0; contiguous < bench.flash.seq; round += 1) {
      expect(round).toBeLessThan(2_000);
      await bench.pass(250);
      for (const event of bench.events().slice(seen)) lossy.pass(() => heard.add(event.seq));
      seen = bench.events().length;
      while (heard.has(contiguous + 1)) contiguous += 1;
      const ack = bench.hub.ack(1, contiguous);
      lossy.pass(() => bench.hear("ack", ack));
    }
    expect(contiguous).toBe(bench.flash.seq);
  } finally {
    await bench.remove();
  }
});
