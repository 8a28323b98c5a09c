import type { Command } from "commander";
import type { ImportReport } from "../../integrations/index.ts";
import { asOperator } from "../operator.ts";
import { databaseUrlOf, readSettingsBesideDemo, sealingKeyOf } from "../settings.ts";
import { endingTexts, importText, readWorldFile } from "../world-file.ts";
import { columns, print } from "./option.ts";

/** How to import from the command line. */
interface ImportFlags {
  readonly dryRun?: boolean;
  readonly endMany?: boolean;
}

/** What an import did, as a table. */
export function reportText(report: ImportReport): string {
  const rows = Object.entries(report.kinds).map(([kind, { created, updated, unchanged, ended }]) =>
    [kind, created, updated, ended, unchanged].map(String),
  );
  const table = columns([["", "created", "updated", "ended", "unchanged"], ...rows]);
  if (report.dryRun) return `${table}a rehearsal: nothing was changed\n${brakeText(report)}`;
  const outcome = report.sequence === undefined ? "nothing had to change" : `journal entry ${report.sequence}`;
  return `${table}tenant ${report.tenant}: ${outcome}\n`;
}

function brakeText({ endsMany }: ImportReport): string {
  if (endsMany.length === 0) return "";
  return `without --end-many this import is refused, for it ends: ${endingTexts(endsMany).join(", ")}\n`;
}

async function runImport(file: string, flags: ImportFlags): Promise<void> {
  const config = await readSettingsBesideDemo();
  const databaseUrl = databaseUrlOf(config);
  const sealingKey = sealingKeyOf(config);
  const text = await readWorldFile(file);
  const report = await asOperator(databaseUrl, (operator) =>
    importText(operator, { text, name: file, sealingKey }, flags),
  );
  print(reportText(report));
}

/** Defines `import`: takes a town in from a world file. */
export function defineImport(command: Command): void {
  command
    .argument("<file>", "world file (JSON)")
    .option("--dry-run", "say what would change, and change nothing")
    .option("--end-many", "also where it ends a large part of what stands: whoever is not in the file is shut out")
    .action(runImport);
}
