import fc from "fast-check";
import { expect, test } from "vitest";
import { planMemberships, type Span, type StandingSpan } from "./plan-memberships.ts";

const NOW = 1_000;

/** What the database holds after a plan was carried out. */
function carryOut(standing: readonly StandingSpan[], wanted: readonly Span[], now: number): StandingSpan[] {
  const plan = planMemberships(standing, wanted, now);
  const ends = new Map<number, number | null>(plan.move.map(({ id, until }) => [id, until]));
  for (const id of plan.open) ends.set(id, null);
  const kept = standing.map((span) => {
    const until = ends.get(span.id);
    return until === undefined ? span : { ...span, until };
  });
  return [...kept, ...plan.grant.map((span, at) => ({ ...span, id: 10_000 + standing.length + at }))];
}

function isMember(spans: readonly Span[], pair: { person: number; bundle: number }, at: number): boolean {
  return spans.some(
    (span) =>
      span.person === pair.person &&
      span.bundle === pair.bundle &&
      span.from <= at &&
      (span.until === null || at < span.until),
  );
}

const instants = Array.from({ length: 110 }, (_, i) => 890 + 2 * i);
const pairs = [1, 2].flatMap((person) => [7, 8].map((bundle) => ({ person, bundle })));

/** Memberships that follow each other without overlap, as a file may have them. */
const file = fc
  .tuple(
    ...pairs.map(() =>
      fc.uniqueArray(
        fc.integer({ min: 450, max: 550 }).map((half) => 2 * half),
        { maxLength: 6 },
      ),
    ),
  )
  .chain((cuts) =>
    fc.boolean().map((open) =>
      cuts.flatMap((list, at): Span[] => {
        const pair = pairs[at] ?? { person: 0, bundle: 0 };
        const ordered = list.toSorted((a, b) => a - b);
        return ordered.flatMap((from, i) => {
          const until = ordered[i + 1];
          if (i % 2 === 1 || (until === undefined && !open)) return [];
          return [{ ...pair, from, until: until ?? null }];
        });
      }),
    ),
  );

test("after each file, who is a member from now on is what the file says, and the past is what it was", () => {
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 5 }), (files) => {
      let standing: StandingSpan[] = [];
      for (const [at, wanted] of files.entries()) {
        const now = NOW + at * 10;
        const before = standing;
        standing = carryOut(before, wanted, now);
        for (const pair of pairs) {
          const wrong = instants.filter((t) =>
            t >= now
              ? isMember(standing, pair, t) !== isMember(wanted, pair, t)
              : isMember(before, pair, t) && !isMember(standing, pair, t),
          );
          expect(wrong).toEqual([]);
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("the same file once more changes nothing, then and later", () => {
  fc.assert(
    fc.property(fc.array(file, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 300 }), (files, later) => {
      const last = files.at(-1) ?? [];
      const standing = files.reduce<StandingSpan[]>((spans, wanted, at) => carryOut(spans, wanted, NOW + at * 10), []);
      const again = planMemberships(standing, last, NOW + files.length * 10 + later);
      expect(again).toMatchObject({ grant: [], move: [], open: [], ended: 0 });
    }),
    { numRuns: 2_000 },
  );
});
