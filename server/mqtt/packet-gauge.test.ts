import fc from "fast-check";
import { expect, test } from "vitest";
import { packetGauge } from "./packet-gauge.ts";

const LIMIT = 300;

function packet(length: number): number[] {
  const header = [0x30];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    header.push(rest >= 128 ? (rest % 128) | 128 : rest);
    if (rest < 128) break;
  }
  return [...header, ...new Array<number>(length).fill(0xff)];
}

test("packets within the limit pass and the first beyond it is caught, however the bytes are cut", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: LIMIT }), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, fc.option(fc.integer({ min: LIMIT + 1, max: 2_000 })), cuts, (good, bad, sizes) => {
      const bytes = Uint8Array.from([...good, ...(bad === null ? [] : [bad])].flatMap(packet));
      const accept = packetGauge(LIMIT);
      let verdict = true;
      for (let at = 0, i = 0; at < bytes.length && verdict; i += 1) {
        const size = sizes[i % sizes.length] ?? 1;
        verdict = accept(bytes.subarray(at, at + size));
        at += size;
      }
      expect(verdict).toBe(bad === null);
    }),
  );
});

test("a length that never ends is caught at its fourth byte", () => {
  expect(packetGauge(LIMIT)(Uint8Array.of(0x10, 0xff, 0xff, 0xff))).toBe(true);
  expect(packetGauge(LIMIT)(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff))).toBe(false);
});
