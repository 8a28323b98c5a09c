import type { Command } from "commander";
import { PortnerError } from "../../kernel/errors.ts";
import { closePerson } from "../../people/index.ts";
import { asOperator, tenantFor } from "../operator.ts";
import { databaseUrlOf, readSettingsBesideDemo } from "../settings.ts";
import { print } from "./option.ts";

async function close(employee: string, { tenant }: { readonly tenant?: string }): Promise<void> {
  const config = await readSettingsBesideDemo();
  const closed = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    return closePerson(operator, { tenant: owner.id, employee });
  });
  if (!closed.ok) {
    const { code } = closed.failure;
    const reason = code === "PERSON_UNKNOWN" ? `no employee \`${employee}\`` : `\`${employee}\` was closed before`;
    throw new PortnerError(code, reason);
  }
  print(`${employee} opens no door and signs in nowhere any more, on every hub\n`);
}

/** Defines `employee close`: for whoever leaves before the care system says so. */
export function defineEmployee(command: Command): void {
  command
    .command("close")
    .description("close an employee: phones, smartkeys and account stop at once, and no import brings them back")
    .argument("<id>", "external id, the care system's user id")
    .option("--tenant <id>", "whose, where there are several")
    .action(close);
}
