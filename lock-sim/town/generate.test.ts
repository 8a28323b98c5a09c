import { parseWorld, PROFESSIONS, WorldRole } from "@portner/schema/world";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { generateTown, worldText } from "./generate.ts";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("every town parses without a fault and has as many locks as wanted", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 400 }), (seed, locks) => {
      const world = generateTown({ seed, locks });
      expect(parseWorld(worldText(world))).toEqual({ ok: true, world });
      expect(world.locks).toHaveLength(locks);
    }),
    { numRuns: 40, verbose: 1 },
  );
});

test("the same seed gives the same bytes, another seed another town", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const text = worldText(generateTown({ seed, locks: 50 }));
      expect(worldText(generateTown({ seed, locks: 50 }))).toBe(text);
      expect(worldText(generateTown({ seed: (seed + 1) % Number.MAX_SAFE_INTEGER, locks: 50 }))).not.toBe(text);
    }),
    { numRuns: 20, verbose: 1 },
  );
});

test.each([1, 2, 3, 4, 5])("Fjordby of seed %i has the size and the variety of the demo", (seed) => {
  const world = generateTown({ seed, locks: 1_200 });
  expect(world.citizens.length).toBeGreaterThan(820);
  expect(world.citizens.length).toBeLessThan(980);
  expect(world.employees).toHaveLength(250);
  expect([world.districts.length, world.bundles.length, world.providers.length]).toEqual([3, 5, 1]);
  expect(new Set(world.employees.map(({ profession }) => profession))).toEqual(new Set(PROFESSIONS));
  expect(new Set(world.employees.flatMap(({ roles }) => roles ?? ["E"]))).toEqual(new Set(WorldRole.options));
  expect(new Set(world.paths.map(({ doors }) => doors.length))).toEqual(new Set([1, 2, 3]));
  const locked = new Set(world.locks.map(({ door }) => door));
  const withoutLock = world.doors.filter(({ externalId }) => !locked.has(externalId));
  expect(new Set(withoutLock.map(({ kind }) => kind))).toEqual(new Set(["gate", "stairwell", "flat"]));
  const visits = Map.groupBy(world.paths, ({ doors }) => doors[0]);
  expect(Math.max(...[...visits.values()].map((paths) => paths.length))).toBeGreaterThan(3);
  expect(JSON.stringify(world)).toMatch(/[æøåÆØÅ]/);
});

test("a path that has a lock has one on at least one of its doors", () => {
  const world = generateTown({ seed: 7, locks: 1_200 });
  const locked = new Set(world.locks.map(({ door }) => door));
  const bare = world.paths.filter(({ doors }) => doors.every((door) => !locked.has(door)));
  expect(bare.length).toBeLessThan(world.paths.length * 0.01);
});

test("a town of a whole region is generated and parsed in seconds", () => {
  const world = generateTown({ seed: 9, locks: 20_000 });
  expect(parseWorld(worldText(world)).ok).toBe(true);
});
