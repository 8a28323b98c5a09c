import { expect, test } from "vitest";
import { ManualClock } from "../simulation/manual-clock.ts";
import { CLOCK_OFFSET_MS_MAX, createHubClock } from "./hub-clock.ts";

const MACHINE = 1_800_000_000_000;
/** The longest round trip whose answer moves the clock. */
const ROUND_TRIP_MS = 1_000;

/** A hub whose machine differs from the database by `offsetMs`, after one reading at once. */
function hub(offsetMs: number) {
  const machine = new ManualClock(MACHINE);
  const clock = createHubClock(machine);
  const read = (database: number, tookMs = 0): void => {
    const asked = machine.monotonic();
    machine.advance(tookMs);
    clock.takeReading(database, asked, machine.monotonic());
  };
  read(MACHINE + offsetMs);
  return { machine, clock, read };
}

test("before the first reading nothing is known, and the hub is not to be trusted", () => {
  const clock = createHubClock(new ManualClock(MACHINE));
  expect([clock.trusted(), clock.offsetMs(), clock.now()]).toEqual([false, undefined, MACHINE]);
});

test.each([1, -1])("a machine up to two seconds away from the database is trusted, and not beyond (%d)", (sign) => {
  expect(hub(sign * CLOCK_OFFSET_MS_MAX).clock.trusted()).toBe(true);
  expect(hub(sign * (CLOCK_OFFSET_MS_MAX + 1)).clock.trusted()).toBe(false);
});

test("hub time is the database's, whatever the machine shows", () => {
  const { clock, machine } = hub(-1_500);
  expect(clock.now()).toBe(MACHINE - 1_500);
  machine.advance(10_000);
  expect(clock.now()).toBe(MACHINE + 8_500);
});

test("a reading counts as taken in the middle of its round trip, and one that took too long does not count", () => {
  const machine = new ManualClock(MACHINE);
  const clock = createHubClock(machine);
  machine.advance(400);
  clock.takeReading(MACHINE + 200, 0, 400);
  expect(clock.offsetMs()).toBe(0);
  clock.takeReading(MACHINE + 60_000, machine.monotonic() - ROUND_TRIP_MS - 1, machine.monotonic());
  expect(clock.offsetMs()).toBe(0);
});

test("one odd reading moves the time a little; a clock that stays wrong is found out within a few", () => {
  const { clock, read, machine } = hub(0);
  read(machine.now() + 5_000);
  expect(clock.offsetMs()).toBe(1_000);
  expect(clock.trusted()).toBe(true);
  let readings = 1;
  for (; clock.trusted() && readings < 100; readings += 1) read(machine.now() + 5_000);
  expect(readings).toBeLessThanOrEqual(3);
});

test.each([3_000, -3_000])(
  "a step of the machine's clock is seen at the next use and moves no hub time (%d ms)",
  (stepMs) => {
    const { clock, machine, read } = hub(120);
    machine.step(stepMs);
    expect([clock.trusted(), clock.now(), clock.offsetMs()]).toEqual([false, MACHINE + 120, 120 - stepMs]);
    read(MACHINE + 120);
    expect([clock.trusted(), clock.now()]).toEqual([false, MACHINE + 120]);
    machine.step(-stepMs);
    expect([clock.trusted(), clock.now()]).toEqual([true, MACHINE + 120]);
  },
);

test("a step within the bound changes nothing", () => {
  const { clock, machine } = hub(0);
  machine.step(CLOCK_OFFSET_MS_MAX);
  expect([clock.trusted(), clock.now()]).toEqual([true, MACHINE]);
});

test("a machine that slept is not trusted until the database has told it the time, once", () => {
  const { clock, machine, read } = hub(0);
  machine.step(3_600_000);
  expect(clock.trusted()).toBe(false);
  read(machine.now() + 40);
  expect([clock.trusted(), clock.now()]).toEqual([true, machine.now() + 40]);
});
