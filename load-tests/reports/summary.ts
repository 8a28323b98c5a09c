import { readdir, readFile, writeFile } from "node:fs/promises";
import { Report, REPORTS, verdictOf } from "./report.ts";

/** Writes the page that sums up every report that lies here. */
export async function writeSummary(): Promise<void> {
  const names = (await readdir(REPORTS)).filter((name) => /^[A-Z]\d+\.json$/.test(name)).toSorted();
  const reports = await Promise.all(
    names.map(async (name) => Report.parse(JSON.parse(await readFile(`${REPORTS}${name}`, "utf8")))),
  );
  await writeFile(`${REPORTS}README.md`, summaryOf(reports));
}

/** All reports on one page. */
export function summaryOf(reports: readonly Report[]): string {
  const rows = reports.flatMap((report) =>
    report.figures.map(({ name, ratio, value, to, goal, met }) => {
      const got = (ratio?.median ?? value ?? Number.NaN).toPrecision(3);
      const verdict = report.noisy ? "noisy" : met ? "met" : "missed";
      return `| [${report.id}](${report.id}.md) | ${name} | ${got} | ${to} | ${goal} | ${verdict} |`;
    }),
  );
  return [
    "# Measured",
    "",
    "A figure is a ratio to its floor or peer in the same run on the same machine, the median of at least five rounds in which",
    "the floor held still; a noisy one had fewer, and claims nothing. What is compared with nothing is an absolute value of that",
    "machine, as its report says. `npm run load` measures them all anew, `npm run load -- P2` one.",
    "",
    "| | Figure | Got | To | Goal | |",
    "| --- | --- | ---: | --- | --- | --- |",
    ...rows,
    "",
    ...reports.map((report) => `- [${report.id}](${report.id}.md): ${verdictOf(report)} ${report.goal}`),
    "",
  ].join("\n");
}
