import { migrate } from "@portner/drizzle/migrate";
import { WORLD_LISTS, WORLD_VERSION } from "@portner/schema/world";
import type { Command } from "commander";
import { PortnerError } from "../../kernel/errors.ts";
import { loginFault } from "../../identity/index.ts";
import { tenantByPublicId } from "../../people/index.ts";
import { explained } from "../database-failure.ts";
import { asOperator, type Operator } from "../operator.ts";
import { databaseUrlOf, readSettings, sealingKeyOf } from "../settings.ts";
import { importText, readWorldFile, type WorldText } from "../world-file.ts";
import { ACCOUNT_REASONS, makeAccount } from "./account.ts";
import { reportText } from "./import.ts";
import { print } from "./option.ts";

interface InitFlags {
  readonly world?: string;
  readonly tenant?: string;
  readonly name?: string;
  readonly hotline?: string;
  readonly adminLogin: string;
  readonly adminName: string;
}

/** A world with nothing in it but the tenant itself, with the strictest settings. */
function emptyWorld(tenant: { readonly id: string; readonly name: string; readonly hotlinePhone?: string }): string {
  const lists = Object.fromEntries(WORLD_LISTS.map((list) => [list, []]));
  return JSON.stringify({
    version: WORLD_VERSION,
    tenant: { ...tenant, timeZone: "Europe/Copenhagen" },
    policy: { remoteOpen: "off", visitOnly: ["temp", "student"], permitHours: 24 },
    ...lists,
  });
}

async function worldOf(flags: InitFlags): Promise<{ readonly text: string; readonly name: string }> {
  const { world, tenant: id, name, hotline } = flags;
  if (world !== undefined && hotline !== undefined) {
    throw new PortnerError("HOTLINE_TWICE", "a world file says itself whom staff call: leave --hotline out");
  }
  if (world !== undefined) return { text: await readWorldFile(world), name: world };
  if (id === undefined || name === undefined) {
    throw new PortnerError("TENANT_MISSING", "say who it is for: --world <file>, or --tenant <id> and --name <text>");
  }
  const tenant = { id, name, ...(hotline !== undefined && { hotlinePhone: hotline }) };
  return { text: emptyWorld(tenant), name: "init" };
}

/** Throws for everything that stands against the tenant or its administrator, before either is made. */
async function rehearse(operator: Operator, world: WorldText, login: string): Promise<void> {
  const code = await loginFault(operator.database.tables, login);
  const fault = code && `--admin-login: ${ACCOUNT_REASONS[code]}`;
  const rehearsal = await importText(operator, world, { dryRun: true }).catch((error: unknown) => {
    if (fault === undefined || !(error instanceof PortnerError)) throw error;
    throw new PortnerError(error.code, `${error.message.trimEnd()}\n${fault} (${code})\n`, { cause: error });
  });
  // A file is the whole truth on staff: an empty one must never reach a tenant that stands already.
  if (rehearsal.kinds.tenant.created === 0) {
    throw new PortnerError("TENANT_EXISTS", `tenant \`${rehearsal.tenant}\` is there; use import and account create`);
  }
  if (code !== undefined) throw new PortnerError(code, `no tenant was made: ${fault}`);
}

async function init(flags: InitFlags): Promise<void> {
  const config = readSettings({ needed: ["DATABASE_URL", "PORTNER_KEY"] });
  const world = await worldOf(flags);
  const databaseUrl = databaseUrlOf(config);
  const sealingKey = sealingKeyOf(config);
  try {
    await migrate(databaseUrl);
  } catch (error) {
    throw explained(error);
  }
  const { adminLogin: login, adminName } = flags;
  const password = await asOperator(databaseUrl, async (operator) => {
    await rehearse(operator, { ...world, sealingKey }, login);
    const report = await importText(operator, { ...world, sealingKey });
    process.stderr.write(reportText(report));
    const owner = await tenantByPublicId(operator.database.tables, report.tenant);
    const roles = [{ role: "A" }] as const;
    return makeAccount(operator, { tenant: owner?.id ?? Number.NaN, login, name: adminName, roles });
  });
  process.stderr.write(`${login} can sign in with this password, which is shown this once:\n`);
  print(`${password}\n`);
}

/** Defines `init`: a new tenant with its first administrator. */
export function defineInit(command: Command): void {
  command
    .option("--world <file>", "take the tenant and its town from a world file")
    .option("--tenant <id>", "or: its id in topics and messages, 8 to 36 lower-case letters, digits, hyphens")
    .option("--name <text>", "and its name, such as `Fjordby Kommune`")
    .option("--hotline <number>", "and whom its staff call day and night, such as +4512345678; their phones show it")
    .requiredOption("--admin-login <text>", "user name or mail address of the administrator")
    .requiredOption("--admin-name <text>", "the administrator's name")
    .action(init);
}
