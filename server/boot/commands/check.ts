import type { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { systemRandom } from "../../kernel/random.ts";
import { checkBroker } from "../doctor/broker.ts";
import { checkDatabase } from "../doctor/database.ts";
import type { Finding } from "../doctor/finding.ts";
import { FaultyConfigError, readSettingsBesideDemo } from "../settings.ts";
import { print } from "./option.ts";

async function findings(): Promise<readonly Finding[]> {
  try {
    const config = await readSettingsBesideDemo();
    const deps = { clock: systemClock, random: systemRandom };
    const configuration: Finding = { what: "configuration", ok: true, detail: "no faults" };
    return [configuration, ...(await checkDatabase(config, deps)), ...(await checkBroker(config))];
  } catch (error) {
    if (!(error instanceof FaultyConfigError)) throw error;
    return error.faults.map(({ variable, fault }) => {
      return { what: variable, ok: false, detail: fault, remedy: "correct it in the environment" };
    });
  }
}

function lineOf({ what, ok, detail, remedy }: Finding): string {
  const line = `${ok ? "ok     " : "NOT OK "}${what}: ${detail}`;
  return ok || remedy === undefined ? line : `${line}\n       → ${remedy}`;
}

/** Defines `check`: looks at everything that a hub stands on. */
export function defineCheck(command: Command): void {
  command.action(async () => {
    const all = await findings();
    print(`${all.map(lineOf).join("\n")}\n`);
    if (all.some(({ ok }) => !ok)) process.exitCode = 1;
  });
}
