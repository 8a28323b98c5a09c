import { join } from "node:path";
import { ROLE_NAMES, Role } from "@portner/schema/people";
import type { World } from "@portner/schema/world";
import { z } from "zod";
import { createAccount, type HeldRole } from "../../identity/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { newSecret } from "../../kernel/ids.ts";
import { personByExternalId, type PersonRow } from "../../people/index.ts";
import type { Operator } from "../operator.ts";
import { readIfThere, writePrivate } from "../private-file.ts";

const FILE = "accounts.json";
/** Long enough for a demo that only this machine reaches, short enough to type. */
const PASSWORD_CHARACTERS = 16;

const DemoAccount = z.strictObject({ role: Role, login: z.string(), name: z.string(), password: z.string() });
/** An account of the demo, with its password. */
export type DemoAccount = z.infer<typeof DemoAccount>;

/** Login of each role's account. Integrators have tokens. */
const LOGINS: Readonly<Partial<Record<Role, string>>> = {
  A: "administration",
  C: "coordinator",
  L: "leader",
  E: "carer",
  H: "hotline",
  V: "assessment",
  I: "installer",
  B: "depot",
  P: "provider",
  D: "auditor",
};

/** A town in the database. */
export interface DemoTown {
  readonly tenant: number;
  readonly world: World;
}

/**
 * One account a role, with random passwords that stand in a file beside the town. The file is written first, so that a
 * start that was cut off is finished by the next one.
 */
export async function makeAccounts(
  operator: Operator,
  town: DemoTown,
  folder: string,
): Promise<readonly DemoAccount[]> {
  const path = join(folder, FILE);
  const text = await readIfThere(path);
  const standing = text === undefined ? undefined : z.array(DemoAccount).safeParse(JSON.parse(text)).data;
  const accounts = standing ?? newAccounts(operator, town.world);
  if (standing === undefined) await writePrivate(path, `${JSON.stringify(accounts, undefined, 2)}\n`);
  for (const account of accounts) await make(operator, town, account);
  return accounts;
}

function newAccounts({ random }: Operator, world: World): DemoAccount[] {
  // Whoever removes the file makes new accounts, since passwords can't be read back; so logins differ.
  const mark = newSecret(random)
    .slice(0, 4)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "x");
  return Role.options.flatMap((role) => {
    const login = LOGINS[role];
    if (login === undefined) return [];
    const name = employeeOf(world, role)?.name ?? ROLE_NAMES[role].en;
    const password = newSecret(random).slice(0, PASSWORD_CHARACTERS);
    return [{ role, login: `${login}-${mark}@fjordby.example`, name, password }];
  });
}

function employeeOf(world: World, role: Role): World["employees"][number] | undefined {
  return world.employees.find(({ active, roles = ["E"] }) => active && roles.some((held) => held === role));
}

async function make(operator: Operator, { tenant, world }: DemoTown, account: DemoAccount): Promise<void> {
  const { role, login, name, password } = account;
  const externalId = employeeOf(world, role)?.externalId;
  const { tables } = operator.database;
  const person = externalId === undefined ? undefined : await personByExternalId(tables, { tenant, externalId });
  const roles = [heldRole(role, person)];
  const made = await createAccount(operator, { tenant, login, name, password, roles, person: person?.id });
  if (made.ok || made.failure.code === "LOGIN_TAKEN") return;
  throw new PortnerError(made.failure.code, `the demo's account \`${login}\` could not be made`);
}

function heldRole(role: Role, person: PersonRow | undefined): HeldRole {
  if (role === "C" || role === "L") return { role, department: person?.department ?? undefined };
  return role === "P" ? { role, provider: person?.provider ?? undefined } : { role };
}
