import fc from "fast-check";
import { expect, test } from "vitest";
import { systemRandom } from "./random.ts";
import { createSealing, SEALING_KEY_BYTES } from "./sealing.ts";

const key = systemRandom.bytes(SEALING_KEY_BYTES);
const sealing = createSealing(key, systemRandom);
const secret = systemRandom.bytes(32);
const broken = expect.objectContaining({ code: "SEAL_BROKEN" });

test("what was sealed opens again, and never looks the same twice", () => {
  const first = sealing.seal(secret, "tenant-key:a");
  expect(Buffer.from(sealing.open(first, "tenant-key:a"))).toEqual(Buffer.from(secret));
  expect(Buffer.from(sealing.seal(secret, "tenant-key:a"))).not.toEqual(Buffer.from(first));
});

test("a sealed secret does not open under another key or in another's place", () => {
  const sealed = sealing.seal(secret, "tenant-key:a");
  expect(() => sealing.open(sealed, "tenant-key:b")).toThrow(broken);
  const other = createSealing(systemRandom.bytes(SEALING_KEY_BYTES), systemRandom);
  expect(() => other.open(sealed, "tenant-key:a")).toThrow(broken);
});

test("no altered bit, and no shortened text, opens", () => {
  const sealed = Buffer.from(sealing.seal(secret, "x"));
  const bit = fc.integer({ min: 0, max: sealed.length * 8 - 1 });
  fc.assert(
    fc.property(bit, (at) => {
      const altered = Buffer.from(sealed);
      altered[at >> 3] = (altered[at >> 3] ?? 0) ^ (1 << (at & 7));
      expect(() => sealing.open(altered, "x")).toThrow(broken);
    }),
  );
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => sealing.open(sealed.subarray(0, length), "x")).toThrow(broken);
  }
});

test("a key of another length is refused at once", () => {
  expect(() => createSealing(new Uint8Array(31), systemRandom)).toThrow(/31/);
});
