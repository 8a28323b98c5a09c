import { Command } from "commander";
import { isUnavailable } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import { VERSION } from "./checkout.ts";
import { addAccountCommand } from "./commands/account.ts";
import { addBrokerConfigCommand } from "./commands/broker-config.ts";
import { addBrokerCommand } from "./commands/broker.ts";
import { addCheckCommand } from "./commands/check.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInitCommand } from "./commands/init.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addResetCommand } from "./commands/reset.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTokenCommand } from "./commands/token.ts";
import { explained } from "./operator.ts";
import { FaultyConfigError } from "./settings.ts";

/** What a failure reads like: one line with its code; of the configuration a line for every fault. */
function linesOf(failure: unknown): string[] {
  const error = isUnavailable(failure) ? explained(failure) : failure;
  if (error instanceof FaultyConfigError) {
    return [`${error.message}:`, ...error.faults.map(({ variable, fault }) => `  ${variable} ${fault}`)];
  }
  if (error instanceof PortnerError) return [`${error.message} (${error.code})`];
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNEXPECTED";
  return [`${error instanceof Error ? error.message : String(error)} (${code})`];
}

const program = new Command("portner")
  .description("Portner runs a municipality's door locks: who may open which door, when, and what became of it.")
  .version(VERSION, "--version", "print the version")
  .helpOption("--help", "print this help")
  .showHelpAfterError("(add --help to see what there is)");
addDemoCommand(program);
addServeCommand(program);
addInitCommand(program);
addImportCommand(program);
addAccountCommand(program);
addTokenCommand(program);
addMigrateCommand(program);
addCheckCommand(program);
addBrokerCommand(program);
addBrokerConfigCommand(program);
addResetCommand(program);

try {
  await program.parseAsync();
} catch (failure) {
  process.stderr.write(`portner: ${linesOf(failure).join("\n")}\n`);
  // Nothing that a failure left open may keep the process alive.
  process.exit(1);
}
