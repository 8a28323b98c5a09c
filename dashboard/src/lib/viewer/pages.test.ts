import { expect, test } from "vitest";
import { eventReachOf, reachOf, seesBatteries } from "./pages.ts";

test("a list tells of no more than the widest of somebody's roles", () => {
  expect(reachOf(["H"])).toBe("town");
  expect(reachOf(["I", "A"])).toBe("town");
  for (const role of ["C", "L", "P"] as const) expect(reachOf([role])).toBe("own");
  expect([reachOf(["I"]), reachOf(["B", "I"])]).toEqual(["jobs", "jobs"]);
  expect([seesBatteries(["P"]), seesBatteries(["P", "B"])]).toEqual([false, true]);
});

test("who is told of few events or of none is known by their roles", () => {
  for (const role of ["C", "L", "A", "P", "D", "H"] as const) expect(eventReachOf(["B", role])).toBe("locks");
  expect(eventReachOf(["E", "I"])).toBe("jobs");
  expect(eventReachOf(["B", "E"])).toBe("self");
  expect([eventReachOf(["B"]), eventReachOf(["V"]), eventReachOf([])]).toEqual(["none", "none", "none"]);
});
