import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { z } from "zod";
import { REPOSITORY, runAloud } from "./command.ts";

/** How many passed and how many did not, and what is known of each that did not. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly faults: readonly string[];
}

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({ status: z.string(), fullName: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
});

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
  const { passed, failed, faults } = report ?? { passed: 0, failed: 0, faults: ["no report was written"] };
  const isSilentFailure = failed === 0 && (!isOk || passed === 0);
  return { passed, failed: isSilentFailure ? 1 : failed, faults };
}

/** What failed, by file and test. */
function faultsOf({ testResults }: z.infer<typeof Report>): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(REPOSITORY, name);
    const tests = assertionResults.filter((it) => it.status === "failed");
    if (tests.length === 0) return status === "failed" ? [`${file}\n${message ?? ""}`] : [];
    return tests.map((it) => `${file} > ${it.fullName}\n${(it.failureMessages ?? []).join("\n")}`);
  });
}

function readReport(file: string): Tally | undefined {
  try {
    const report = Report.parse(JSON.parse(readFileSync(file, "utf8")));
    return { passed: report.numPassedTests, failed: report.numFailedTests, faults: faultsOf(report) };
  } catch {
    return undefined;
  }
}
