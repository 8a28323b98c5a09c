import { department, provider } from "@portner/drizzle";
import { Role } from "@portner/schema/people";
import { InvalidArgumentError, type Command } from "commander";
import { and, eq } from "drizzle-orm";
import { accountsOf, createAccount, endAccount, type AccountFailure, type HeldRole } from "../../identity/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { newSecret } from "../../kernel/ids.ts";
import { personByExternalId } from "../../people/index.ts";
import { asOperator, tenantFor, type Operator } from "../operator.ts";
import { databaseUrlOf, readSettingsBesideDemo } from "../settings.ts";
import { columns, print } from "./option.ts";

interface AccountFlags {
  readonly login: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly department?: string;
  readonly provider?: string;
  readonly employee?: string;
  readonly tenant?: string;
}

/** What an account lacks, in words. */
export const ACCOUNT_REASONS: Readonly<Record<AccountFailure["code"], string>> = {
  LOGIN_TAKEN: "this login is taken",
  LOGIN_INVALID: "a login has 1 to 200 characters",
  PASSWORD_INVALID: "a password has 10 to 256 characters",
  ROLES_INVALID: "C and L need --department, P needs --provider, and G is for tokens",
};

/** An account to be made, with a random password. */
export interface AccountOrder {
  readonly tenant: number;
  readonly login: string;
  readonly name: string;
  readonly roles: readonly HeldRole[];
  readonly person?: number | undefined;
}

/** Makes an account and gives its random password, which is nowhere else. Throws with the reason. */
export async function makeAccount(operator: Operator, order: AccountOrder): Promise<string> {
  const password = newSecret(operator.random);
  const made = await createAccount(operator, { ...order, password });
  if (made.ok) return password;
  throw new PortnerError(made.failure.code, `no account was made: ${ACCOUNT_REASONS[made.failure.code]}`);
}

function readRoles(text: string): readonly Role[] {
  return text.split(",").map((part) => {
    const role = Role.safeParse(part.trim());
    if (role.success) return role.data;
    throw new InvalidArgumentError(`\`${part.trim()}\` is none of ${Role.options.join(", ")}.`);
  });
}

async function create(flags: AccountFlags): Promise<void> {
  const config = await readSettingsBesideDemo();
  const { login, name } = flags;
  const password = await asOperator(databaseUrlOf(config), async (operator) => {
    const { id: tenant } = await tenantFor(operator, flags.tenant);
    const place = await placeOf(operator, tenant, flags);
    const roles = flags.roles.map((role) => ({ role, ...boundTo(role, place) }));
    return makeAccount(operator, { tenant, login, name, roles, person: place.person });
  });
  process.stderr.write(`${login} can sign in with this password, which is shown this once:\n`);
  print(`${password}\n`);
}

interface Place {
  readonly department: number | undefined;
  readonly provider: number | undefined;
  readonly person: number | undefined;
}

function boundTo(role: Role, place: Place): Omit<HeldRole, "role"> {
  if (role === "C" || role === "L") return { department: place.department };
  return role === "P" ? { provider: place.provider } : {};
}

async function placeOf({ database }: Operator, tenant: number, flags: AccountFlags): Promise<Place> {
  const { tables } = database;
  const found = async (what: string, externalId: string | undefined, rows: PromiseLike<readonly { id: number }[]>) => {
    if (externalId === undefined) return undefined;
    const [row] = await rows;
    if (row === undefined) throw new PortnerError("NOT_FOUND", `there is no ${what} \`${externalId}\``);
    return row.id;
  };
  const departmentIs = and(eq(department.tenant, tenant), eq(department.externalId, flags.department ?? ""));
  const providerIs = and(eq(provider.tenant, tenant), eq(provider.externalId, flags.provider ?? ""));
  const employee = personByExternalId(tables, { tenant, externalId: flags.employee ?? "" });
  return {
    department: await found("department", flags.department, tables.select().from(department).where(departmentIs)),
    provider: await found("provider", flags.provider, tables.select().from(provider).where(providerIs)),
    person: await found(
      "employee",
      flags.employee,
      employee.then((row) => (row === undefined ? [] : [row])),
    ),
  };
}

async function list({ tenant }: { readonly tenant?: string }): Promise<void> {
  const config = await readSettingsBesideDemo();
  const rows = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    const accounts = await accountsOf(operator.database.tables, owner.id);
    return accounts.map(({ login, name, active }) => [login, name, active ? "good" : "ended"]);
  });
  print(columns([["login", "name", "standing"], ...rows]));
}

async function end(login: string, { tenant }: { readonly tenant?: string }): Promise<void> {
  const config = await readSettingsBesideDemo();
  const ended = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    return endAccount(operator, { tenant: owner.id, login });
  });
  if (!ended.ok) {
    const { code } = ended.failure;
    throw new PortnerError(code, code === "NOT_FOUND" ? `no account \`${login}\`` : `\`${login}\` was ended before`);
  }
  print(`nobody signs in as ${login} any more, on every hub; sessions ended: ${ended.value.sessions}\n`);
}

/** Defines `account create`, `account list` and `account end`: individuals' access to the dashboard. */
export function defineAccount(command: Command): void {
  command
    .command("create")
    .description("make an account with a random password, which is printed once")
    .requiredOption("--login <text>", "user name or mail address, unique over all tenants")
    .requiredOption("--name <text>", "the individual's name; there are no shared accounts")
    .requiredOption("--roles <letters>", "roles of the permission matrix, separated by commas: A, C, L, …", readRoles)
    .option("--department <id>", "external id; C and L are bound to it")
    .option("--provider <id>", "external id; P is bound to it")
    .option("--employee <id>", "external id of the employee behind the account")
    .option("--tenant <id>", "whose, where there are several")
    .action(create);
  command
    .command("list")
    .description("show the accounts and whether they are good")
    .option("--tenant <id>", "whose, where there are several")
    .action(list);
  command
    .command("end")
    .description("end an account and its sessions, on every hub at once")
    .argument("<login>", "whose")
    .option("--tenant <id>", "whose, where there are several")
    .action(end);
}
