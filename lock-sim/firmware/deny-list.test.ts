import fc from "fast-check";
import { expect, test } from "vitest";
import { denyDigest, isDenied, mergeDenials, withoutPassed } from "./deny-list.ts";

const entry = fc.record({
  cred: fc.constantFrom("credential-a", "credential-b", "credential-c", "credential-d"),
  gen: fc.integer({ min: 1, max: 9 }),
  until: fc.integer({ min: 1_000, max: 9_000 }),
});
const document = fc.array(entry, { maxLength: 8 });

test("documents merge to the same list in any order and however often", () => {
  fc.assert(
    fc.property(fc.array(document, { maxLength: 6 }), fc.nat(), (documents, turn) => {
      const inOrder = documents.reduce<ReturnType<typeof mergeDenials>>((held, one) => mergeDenials(held, one), []);
      const at = documents.length === 0 ? 0 : turn % documents.length;
      const turned = [...documents.slice(at), ...documents.slice(0, at), ...documents].toReversed();
      const inAnotherOrder = turned.reduce<ReturnType<typeof mergeDenials>>((held, one) => mergeDenials(held, one), []);
      expect(denyDigest(inAnotherOrder)).toBe(denyDigest(inOrder));
    }),
  );
});

test("what any document ever denied stays denied until its end has passed", () => {
  fc.assert(
    fc.property(fc.array(document, { maxLength: 6 }), fc.integer({ min: 1, max: 9_000 }), (documents, now) => {
      const clock = { now: () => now, errorMs: () => 0 };
      const held = documents.reduce<ReturnType<typeof mergeDenials>>(
        (list, one) => withoutPassed(mergeDenials(list, one), clock),
        [],
      );
      for (const denied of documents.flat()) {
        if (denied.until >= now) expect(isDenied(held, denied)).toBe(true);
      }
      expect(held.every((one) => one.until >= now)).toBe(true);
    }),
  );
});

test("an entry is kept as long as the clock's error leaves a doubt", () => {
  const held = [{ cred: "credential-a", gen: 1, until: 1_000 }];
  expect(withoutPassed(held, { now: () => 3_000, errorMs: () => 2_000 })).toEqual(held);
  expect(withoutPassed(held, { now: () => 3_001, errorMs: () => 2_000 })).toEqual([]);
});
