import { SCOPES, Scope } from "@portner/schema/people";
import { InvalidArgumentError, type Command } from "commander";
import { createToken, revokeToken, tokensOf } from "../../identity/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { asOperator, tenantFor } from "../operator.ts";
import { databaseUrlOf, readSettingsBesideDemo } from "../settings.ts";
import { columns, print, wholeNumber } from "./option.ts";

const DAY_MS = 24 * 3_600_000;
/** Long enough for an integration's own rotation, short enough that a forgotten token ends. */
const DAYS_DEFAULT = 90;
const DAYS_MAX = 366;

interface CreateFlags {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly days: number;
  readonly tenant?: string;
}

function readScopes(text: string): readonly Scope[] {
  return text.split(",").map((part) => {
    const scope = Scope.safeParse(part.trim());
    if (scope.success) return scope.data;
    throw new InvalidArgumentError(`\`${part.trim()}\` is none of ${SCOPES.join(", ")}.`);
  });
}

async function create({ name, scopes, days, tenant }: CreateFlags): Promise<void> {
  const config = await readSettingsBesideDemo();
  const made = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    return createToken(operator, { tenant: owner.id, name, scopes, lifeMs: days * DAY_MS });
  });
  if (!made.ok) throw new PortnerError(made.failure.code, "no token was made with this name, these scopes and days");
  const { publicId, text, expiresAt } = made.value;
  process.stderr.write(`token ${publicId}, good until ${dayOf(expiresAt)}; it is shown this once:\n`);
  print(`${text}\n`);
}

async function list({ tenant }: { readonly tenant?: string }): Promise<void> {
  const config = await readSettingsBesideDemo();
  const rows = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    const now = operator.clock.now();
    const tokens = await tokensOf(operator.database.tables, owner.id);
    return tokens.map(({ publicId, name, scopes, expiresAt, revokedAt, lastUsedAt }) => {
      const standing = revokedAt !== null ? "revoked" : expiresAt.getTime() <= now ? "expired" : "good";
      const used = lastUsedAt === null ? "never" : dayOf(lastUsedAt.getTime());
      return [publicId, name, scopes.join(","), standing, dayOf(expiresAt.getTime()), used];
    });
  });
  print(columns([["id", "name", "scopes", "standing", "until", "last used"], ...rows]));
}

async function revoke(publicId: string, { tenant }: { readonly tenant?: string }): Promise<void> {
  const config = await readSettingsBesideDemo();
  const revoked = await asOperator(databaseUrlOf(config), async (operator) => {
    const owner = await tenantFor(operator, tenant);
    return revokeToken(operator, { tenant: owner.id, publicId });
  });
  if (!revoked) throw new PortnerError("NOT_FOUND", `no token \`${publicId}\` that still counts`);
  print("the token counts no more, on every hub\n");
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** Defines `token create`, `token list` and `token revoke`: access for integrators. */
export function defineToken(command: Command): void {
  command
    .command("create")
    .description("make a token; its text is printed once")
    .requiredOption("--name <text>", "what it is for")
    .requiredOption("--scopes <list>", `separated by commas: ${SCOPES.join(", ")}`, readScopes)
    .option("--days <number>", "how long it is good", wholeNumber(1, DAYS_MAX), DAYS_DEFAULT)
    .option("--tenant <id>", "whose, where there are several")
    .action(create);
  command
    .command("list")
    .description("all tokens, without their texts")
    .option("--tenant <id>", "whose, where there are several")
    .action(list);
  command
    .command("revoke")
    .description("take a token back, at once and everywhere")
    .argument("<id>", "as `token list` shows it")
    .option("--tenant <id>", "whose, where there are several")
    .action(revoke);
}
