import { Command } from "commander";
import { PortnerError } from "../kernel/errors.ts";
import { CATALOGUE } from "./catalogue.ts";
import { VERSION } from "./checkout.ts";
import { FaultyConfigError } from "./settings.ts";

/** What a failure reads like: one line with its code; of the configuration a line for every fault. */
async function linesOf(failure: unknown): Promise<string[]> {
  if (failure instanceof FaultyConfigError) {
    return [`${failure.message}:`, ...failure.faults.map(({ variable, fault }) => `  ${variable} ${fault}`)];
  }
  const { explained } = await import("./database-failure.ts");
  const error = explained(failure);
  if (error instanceof PortnerError) return [`${error.message} (${error.code})`];
  const code = error instanceof Error && "code" in error ? String(error.code) : "UNEXPECTED";
  return [`${error instanceof Error ? error.message : String(error)} (${code})`];
}

const program = new Command("portner")
  .description("Portner runs a municipality's door locks: who may open which door, when, and what became of it.")
  .version(VERSION, "--version", "print the version")
  .helpOption("--help", "print this help")
  .helpCommand(false)
  .showHelpAfterError("(add --help to see what there is)");
try {
  for (const { name, description, load } of CATALOGUE) {
    const command = program.command(name).description(description);
    if (process.argv[2] === name) (await load())(command);
  }
  await program.parseAsync();
} catch (failure) {
  process.stderr.write(`portner: ${(await linesOf(failure)).join("\n")}\n`);
  // Nothing that a failure left open may keep the process alive.
  process.exit(1);
}
