import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { createLog } from "../../kernel/log.ts";
import { homeOf } from "../checkout.ts";
import { SEALING_KEY_FILE } from "../demo/home.ts";
import { eraseEmbeddedPostgres } from "../embedded-postgres.ts";
import { claimFolder } from "../folder-claim.ts";
import { readSettings } from "../settings.ts";
import { print } from "./option.ts";

async function isAgreed(home: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new PortnerError("NOT_ASKED", "nobody is there to be asked; add --yes to remove everything");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`Remove ${home} with the demo's database, locks and phones? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function reset({ yes }: { readonly yes?: boolean }): Promise<void> {
  const config = readSettings();
  const home = homeOf(config);
  if (!existsSync(home)) return print("there is nothing to remove\n");
  // A mistyped PORTNER_HOME must not cost somebody a folder of theirs.
  if (!existsSync(join(home, SEALING_KEY_FILE))) {
    throw new PortnerError("NOT_A_HOME", `\`${home}\` was not made by Portner; it stays as it is`);
  }
  if (yes !== true && !(await isAgreed(home))) return print("nothing was removed\n");
  await claimFolder(home);
  await eraseEmbeddedPostgres(join(home, "postgres"), { clock: systemClock, log: createLog(config.LOG_LEVEL) });
  await rm(home, { recursive: true, force: true });
  print(`removed ${home}\n`);
}

/** Defines `reset`: removes the demo and the embedded parts. */
export function defineReset(command: Command): void {
  command.option("--yes", "don't ask").action(reset);
}
