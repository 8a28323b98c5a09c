import { Command } from "commander";
import { monotonic } from "./clock.ts";
import { LoadError } from "./fault.ts";
import { measureP2 } from "./figures/p2.ts";
import { measureP5 } from "./figures/p5.ts";
import { measureP9 } from "./figures/p9.ts";
import { verdictOf, writeReport, type Report } from "./reports/report.ts";
import { writeSummary } from "./reports/summary.ts";
import { measureU3 } from "./screens/paint.ts";
import { smoke } from "./smoke.ts";

const MEASUREMENTS: Readonly<Record<string, (tell: (sentence: string) => void) => Promise<Report>>> = {
  P2: measureP2,
  P5: measureP5,
  P9: measureP9,
  U3: measureU3,
};

const startedAt = monotonic();

function tell(sentence: string): void {
  process.stderr.write(`${((monotonic() - startedAt) / 1_000).toFixed(0).padStart(4)} s  ${sentence}\n`);
}

async function measure(ids: readonly string[]): Promise<void> {
  for (const id of ids.length === 0 ? Object.keys(MEASUREMENTS) : ids) {
    const measurement = MEASUREMENTS[id];
    if (measurement === undefined) {
      throw new LoadError("NO_SUCH_FIGURE", `there is no \`${id}\`; there are ${Object.keys(MEASUREMENTS).join(", ")}`);
    }
    tell(`measuring ${id}`);
    const report = await measurement((sentence) => tell(`${id}: ${sentence}`));
    await writeReport(report);
    await writeSummary();
    tell(`${id}: ${verdictOf(report)}`);
  }
}

const program = new Command("load")
  .description("measures Portner from outside, each figure against its floor, and writes load-tests/reports")
  .argument("[figures...]", "such as P2; all of them where none is named")
  .action(measure);
program
  .command("smoke")
  .description("every scenario for some seconds; fails where an answer is wrong")
  .action(() => smoke(tell));

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof LoadError)) throw error;
  tell(`load: ${error.message} (${error.code})`);
  process.exitCode = 1;
}
