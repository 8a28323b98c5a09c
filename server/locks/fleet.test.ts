import type { TelemetryMessage } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { LockFleet } from "./fleet.ts";
import { UNKNOWN_LOCK } from "./lock-state.ts";

const NOW = 1_800_000_000_000;
const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;
const telemetry: TelemetryMessage = {
  ...{ v: 1, unit: "unit-old-1", boot: 1, at: NOW, seq: 0, intervalMs: 30_000, batteryIdleMillivolts: 6_000 },
  ...{ temperatureCelsius: 20, rssiDbm: -60, clockErrorMs: 5, clockTrusted: true, firmware: "1.0.0", facts },
};

test("a unit that takes another's place on a door begins unknown, never with what the other had reported", () => {
  const fleet = new LockFleet();
  const state = { ...UNKNOWN_LOCK, bolt: { value: "thrown" as const, at: NOW } };
  const stored = { unit: 1, lock: 7, boot: 1, contiguous: 3, sequence: 9, telemetry: undefined, heardAt: NOW };
  fleet.restore([{ ...stored, state }]);
  expect(fleet.entryOf({ unit: 1 }, NOW)).toMatchObject({ freshness: "live", state: { bolt: { value: "thrown" } } });
  expect(fleet.entryOf({ unit: 2 }, NOW)).toBeUndefined();
  fleet.takeTelemetry(2, 7, { ...telemetry, unit: "unit-new-1" }, NOW);
  expect(fleet.entryOf({ unit: 2 }, NOW)?.state).toEqual(UNKNOWN_LOCK);
});

test("a unit that left its door is forgotten, and whoever looks at the door is told", () => {
  const fleet = new LockFleet();
  const told: number[] = [];
  fleet.takeTelemetry(1, 7, telemetry, NOW);
  fleet.onChange((lock) => told.push(lock));
  fleet.forget(1);
  fleet.forget(1);
  expect(fleet.entryOf({ unit: 1 }, NOW)).toBeUndefined();
  expect(fleet.takeDirty(10)).toEqual([]);
  expect(told).toEqual([7]);
});
