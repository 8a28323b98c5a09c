import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring, type RingEntry } from "./ring.ts";

function event(boot: number, seq: number) {
  return { boot, seq, at: boot * 1_000 + seq, clock: { trusted: true, errorMs: 1 } };
}

function filled(capacity: number, boot: number, count: number): Ring {
  const ring = new Ring(capacity);
  for (let seq = 1; seq <= count; seq += 1) ring.push(event(boot, seq));
  return ring;
}

function places(entries: readonly RingEntry[]): string[] {
  return entries.map((entry) =>
    "lost" in entry ? `${entry.boot}:${entry.lost.from}-${entry.seq}` : `${entry.boot}:${entry.seq}`,
  );
}

test("the window holds the oldest boot only, sixteen numbers beyond what is acknowledged", () => {
  const ring = filled(100, 1, 20);
  ring.push(event(2, 1));
  expect(places(ring.window(16))).toEqual(Array.from({ length: 16 }, (_, at) => `1:${at + 1}`));
  ring.acknowledge(1, 18);
  expect(places(ring.window(16))).toEqual(["1:19", "1:20"]);
  ring.acknowledge(1, 20);
  expect(places(ring.window(16))).toEqual(["2:1"]);
});

test("an overwritten range is told in the boot it belongs to, grows until acknowledged, and shrinks by a partial ack", () => {
  const ring = filled(4, 1, 6);
  expect(places(ring.window(16))).toEqual(["1:1-2", "1:3", "1:4", "1:5", "1:6"]);
  ring.push(event(1, 7));
  expect(places(ring.window(16))[0]).toBe("1:1-3");
  ring.acknowledge(1, 2);
  expect(places(ring.window(16))[0]).toBe("1:3-3");
  ring.push(event(2, 1));
  ring.push(event(2, 2));
  expect(places(ring.window(16))).toEqual(["1:3-5", "1:6", "1:7"]);
  ring.acknowledge(1, 7);
  expect(places(ring.window(16))).toEqual(["2:1", "2:2"]);
});

test("an ack of a boot acknowledges every earlier boot whole", () => {
  const ring = filled(4, 1, 9);
  ring.push(event(2, 1));
  expect(ring.acknowledge(2, 0)).toBe(true);
  expect(places(ring.window(16))).toEqual(["2:1"]);
  expect(ring.acknowledge(1, 9)).toBe(false);
});

test("whatever is pushed and acknowledged, a hub that follows the window misses nothing that is not told as lost", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("push" as const), count: fc.integer({ min: 1, max: 12 }) }),
    fc.record({ do: fc.constant("boot" as const) }),
    fc.record({ do: fc.constant("take" as const), count: fc.integer({ min: 1, max: 16 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const ring = new Ring(20);
      const made = new Map<number, number>([[1, 0]]);
      let boot = 1;
      let hub = { boot: 1, seq: 0 };
      const take = (count: number): void => {
        for (const entry of ring.window(16).slice(0, count)) {
          const first = "lost" in entry ? entry.lost.from : entry.seq;
          if (entry.boot !== hub.boot) {
            expect(hub.seq).toBe(made.get(hub.boot));
            hub = { boot: entry.boot, seq: 0 };
          }
          expect(first).toBeLessThanOrEqual(hub.seq + 1);
          hub = { boot: entry.boot, seq: Math.max(hub.seq, entry.seq) };
        }
        ring.acknowledge(hub.boot, hub.seq);
      };
      const push = (): void => {
        made.set(boot, (made.get(boot) ?? 0) + 1);
        ring.push(event(boot, made.get(boot) ?? 0));
      };
      for (const one of steps) {
        if (one.do === "take") take(one.count);
        else if (one.do === "push") for (let at = 0; at < one.count; at += 1) push();
        else if (made.size < 30) {
          boot += 1;
          push();
        }
      }
      while (!ring.isEmpty) take(16);
      expect(made.get(hub.boot)).toBe(hub.seq);
    }),
  );
});
