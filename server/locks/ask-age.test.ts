import type { TelemetryMessage } from "@portner/schema/mqtt";
import { expect, test } from "vitest";
import { ageOfAsk, ASK_DECIDED_WITHIN_MS as WITHIN } from "./ask-age.ts";

const NOW = 1_800_000_000_000;

function heartbeat(more: Partial<TelemetryMessage>): TelemetryMessage {
  return {
    ...{ v: 1, unit: "unit-00000001", boot: 3, at: NOW - 20_000, seq: 1, intervalMs: 30_000, firmware: "1.0.0" },
    ...{ batteryIdleMillivolts: 6_000, temperatureCelsius: 20, rssiDbm: -60, clockErrorMs: 0, clockTrusted: true },
    facts: { bolt: "thrown", latch: "extended", door: "closed" },
    ...more,
  };
}

const trusted = (clockErrorMs: number) => ({
  ...{ boot: 3, telemetry: heartbeat({ clockErrorMs }), telemetryAt: NOW - 20_000 },
});
/** A lock that believes it is an hour earlier. */
const LATE_MS = 3_600_000;
const untrusted = {
  ...{ boot: 3, telemetryAt: NOW - 20_000 },
  telemetry: heartbeat({ at: NOW - 20_000 - LATE_MS, clockTrusted: false, clockErrorMs: 86_400_000 }),
};

test("by a trusted clock a question is as old as it says, but for the clock's error", () => {
  expect(ageOfAsk({ boot: 3, at: NOW - WITHIN }, trusted(0), NOW)).toEqual({ ageMs: WITHIN });
  expect(ageOfAsk({ boot: 3, at: NOW - WITHIN - 1 }, trusted(0), NOW)).toBe("TOO_OLD");
  expect(ageOfAsk({ boot: 3, at: NOW - WITHIN - 40 }, trusted(40), NOW)).toEqual({ ageMs: WITHIN });
  expect(ageOfAsk({ boot: 3, at: NOW - WITHIN - 41 }, trusted(40), NOW)).toBe("TOO_OLD");
  expect(ageOfAsk({ boot: 3, at: NOW + 5_000 }, trusted(0), NOW)).toEqual({ ageMs: 0 });
  expect(ageOfAsk({ boot: 3, at: NOW + 5_001 }, trusted(0), NOW)).toBe("TOO_EARLY");
});

test("by an untrusted clock it is as old as the time since the heartbeat says, or as the time it was told since", () => {
  expect(ageOfAsk({ boot: 3, at: NOW - LATE_MS - 800 }, untrusted, NOW)).toEqual({ ageMs: 800 });
  expect(ageOfAsk({ boot: 3, at: NOW - 800 }, untrusted, NOW)).toEqual({ ageMs: 800 });
  expect(ageOfAsk({ boot: 3, at: NOW - LATE_MS - WITHIN - 1 }, untrusted, NOW)).toBe("TOO_OLD");
  expect(ageOfAsk({ boot: 3, at: NOW - LATE_MS / 2 }, untrusted, NOW)).toBe("TOO_OLD");
});

test("a question of an earlier boot has lost its challenge; one of a boot that was not heard of is dated by its own time", () => {
  expect(ageOfAsk({ boot: 2, at: NOW }, trusted(0), NOW)).toBe("TOO_OLD");
  expect(ageOfAsk({ boot: 4, at: NOW - 100 }, trusted(0), NOW)).toEqual({ ageMs: 100 });
  expect(ageOfAsk({ boot: 4, at: NOW - LATE_MS }, untrusted, NOW)).toBe("TOO_OLD");
  const unheard = { boot: 0, telemetry: undefined, telemetryAt: undefined };
  expect(ageOfAsk({ boot: 1, at: NOW - WITHIN - 1 }, unheard, NOW)).toBe("TOO_OLD");
});
