import { expect, test } from "vitest";
import { ManualClock } from "../../simulation/manual-clock.ts";
import { Buckets, BUCKETS_MAX } from "./buckets.ts";

const MEASURE = { capacity: 100, restorePerSecond: 10 };

test("a bucket gives what it holds, then what comes back, and says when that will be enough", () => {
  const clock = new ManualClock();
  const buckets = new Buckets(clock);
  expect(buckets.take("karen", MEASURE, 70)).toEqual({ ok: true, available: 30, waitMs: 0 });
  expect(buckets.take("karen", MEASURE, 31)).toEqual({ ok: false, available: 30, waitMs: 100 });
  clock.advance(99);
  expect(buckets.take("karen", MEASURE, 31).ok).toBe(false);
  clock.advance(1);
  expect(buckets.take("karen", MEASURE, 31)).toEqual({ ok: true, available: 0, waitMs: 0 });
  clock.advance(3_600_000);
  expect(buckets.take("karen", MEASURE, 1).available).toBe(99);
  expect(buckets.take("ida", MEASURE, 100).ok).toBe(true);
});

test("what is dearer than a whole bucket is had for a full one", () => {
  const buckets = new Buckets(new ManualClock());
  expect(buckets.take("karen", MEASURE, 1_000)).toEqual({ ok: true, available: 0, waitMs: 0 });
  expect(buckets.take("karen", MEASURE, 1_000)).toMatchObject({ ok: false, waitMs: 10_000 });
});

test("so many buckets are kept and no more, and whoever has spent most is not forgotten for newcomers", () => {
  const clock = new ManualClock();
  const buckets = new Buckets(clock, 100);
  for (let at = 0; at < 50; at += 1) buckets.take(`spent ${at}`, MEASURE, 100);
  for (let at = 0; at < 1_000; at += 1) {
    buckets.take(`newcomer ${at}`, MEASURE, 1);
    expect(buckets.size).toBeLessThanOrEqual(100);
  }
  for (let at = 0; at < 50; at += 1) expect(buckets.take(`spent ${at}`, MEASURE, 1).ok).toBe(false);
});

test("full buckets are the first to be forgotten, all of them at once", () => {
  const clock = new ManualClock();
  const buckets = new Buckets(clock, 100);
  for (let at = 0; at < 100; at += 1) buckets.take(`idle ${at}`, MEASURE, 10);
  clock.advance(1_000);
  buckets.take("newcomer", MEASURE, 1);
  expect(buckets.size).toBe(1);
});

test("a stream of new names costs little however many buckets there are", () => {
  const clock = new ManualClock();
  const buckets = new Buckets(clock);
  for (let at = 0; at < BUCKETS_MAX; at += 1) buckets.take(`first ${at}`, MEASURE, 1);
  const begun = performance.now();
  for (let at = 0; at < BUCKETS_MAX; at += 1) buckets.take(`second ${at}`, MEASURE, 1);
  const microsecondsEach = ((performance.now() - begun) * 1_000) / BUCKETS_MAX;
  expect(buckets.size).toBeLessThanOrEqual(BUCKETS_MAX);
  // A look through all buckets for each newcomer would take a hundred times as long.
  expect(microsecondsEach).toBeLessThan(100);
});
