import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { runAloud } from "./command.ts";

/** How many passed and how many did not. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const Report = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });

/** Runs groups of tests, or all of them, on the parts that `environment` chooses, and counts the tests. */
export function runSuite(groups: readonly string[], environment: Record<string, string>): Tally {
  const folder = mkdtempSync(join(tmpdir(), "portner-report-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const projects = groups.map((group) => `--project=${group}`);
    const isOk = runAloud("vitest", ["run", ...projects, ...reporters], environment);
    return tallyOf(readReport(file), isOk);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that does not load, or a run without a test, fails no test by number; it still is a failure. */
export function tallyOf(report: Tally | undefined, isOk: boolean): Tally {
  const { passed, failed } = report ?? { passed: 0, failed: 0 };
  const isSilentFailure = failed === 0 && (!isOk || passed === 0);
  return { passed, failed: isSilentFailure ? 1 : failed };
}

function readReport(file: string): Tally | undefined {
  try {
    const report = Report.parse(JSON.parse(readFileSync(file, "utf8")));
    return { passed: report.numPassedTests, failed: report.numFailedTests };
  } catch {
    return undefined;
  }
}
