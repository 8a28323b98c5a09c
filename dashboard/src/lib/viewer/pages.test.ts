import { expect, test } from "vitest";
import { reachOf, seesBatteries } from "./pages.ts";

test("a list tells of no more than the widest of somebody's roles", () => {
  expect(reachOf(["H"])).toBe("town");
  expect(reachOf(["I", "A"])).toBe("town");
  for (const role of ["C", "L", "P"] as const) expect(reachOf([role])).toBe("own");
  expect([reachOf(["I"]), reachOf(["B", "I"])]).toEqual(["jobs", "jobs"]);
  expect([seesBatteries(["P"]), seesBatteries(["P", "B"])]).toEqual([false, true]);
});
