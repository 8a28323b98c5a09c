import { expect, test } from "vitest";
import { doorTimes, type SheetLock } from "./door-times.ts";
import type { OpeningDoor } from "./stage.ts";

const at = (second: number): string => new Date(Date.parse("2026-11-22T09:42:00Z") + second * 1_000).toISOString();
const DOOR: OpeningDoor = { lockId: "L", stage: "opened", detail: null, since: at(0) };

function lock(bolt: SheetLock["bolt"], openings: readonly number[]): SheetLock {
  return {
    ...{ id: "L", inService: true, quarantined: false, serial: "", model: "", addressText: "", bolt },
    ...{ latch: { value: "UNKNOWN", at: null }, door: { value: "UNKNOWN", at: null }, battery: null, signalDbm: null },
    ...{ firmware: null, clock: null, problems: [], freshness: { state: "LIVE", heardAt: at(9), intervalMs: 60_000 } },
    lastEvents: openings.map((second) => ({
      __typename: "DoorOpened",
      occurredAt: at(second),
      receivedAt: at(second),
    })),
  };
}

test("a door opened when its lock says so, and not at an earlier opening", () => {
  const withdrawn = { value: "WITHDRAWN" as const, at: at(2) };
  expect(doorTimes(DOOR, lock(withdrawn, [2, -60]))).toEqual({ openedAtMs: Date.parse(at(2)) });
  expect(doorTimes(DOOR, lock(withdrawn, [-60]))).toEqual({});
  expect(doorTimes({ ...DOOR, stage: "moving" }, lock(withdrawn, [2]))).toEqual({});
});

test("it is locked again only by a fact that is newer than the opening", () => {
  const again = doorTimes(DOOR, lock({ value: "THROWN", at: at(12) }, [2]));
  expect(again).toEqual({ openedAtMs: Date.parse(at(2)), lockedAtMs: Date.parse(at(12)) });
  expect(doorTimes(DOOR, lock({ value: "THROWN", at: at(1) }, [2])).lockedAtMs).toBeUndefined();
});
