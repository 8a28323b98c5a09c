import { expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { createHubClock } from "../kernel/hub-clock.ts";
import { checksOf } from "./readiness.ts";

function details(ageMs: number) {
  const checks = checksOf({
    journalAgeMs: () => ageMs,
    partitionsReady: () => 0,
    indexStale: () => true,
    indexAgeMs: () => ageMs,
    clock: createHubClock(systemClock),
    brokerState: () => ({ status: "connecting" }),
  });
  return Object.fromEntries(checks.map(({ name, ok, detail }) => [name, { ok, detail }]));
}

test("before anything was read, readiness says so", () => {
  expect(details(Number.POSITIVE_INFINITY)).toMatchObject({
    journal: { ok: false, detail: "not read yet" },
    index: { ok: false, detail: "not read yet" },
    clock: { ok: false, detail: "not measured" },
    broker: { ok: false, detail: "connecting" },
  });
});

test("how old what was read is stands in milliseconds", () => {
  expect(details(12.4)).toMatchObject({
    journal: { ok: true, detail: "last read 12 ms ago" },
    index: { detail: "true as of 12 ms ago" },
  });
});
