import { join } from "node:path";
import { z } from "zod";
import { createToken, tokensOf } from "../../identity/index.ts";
import { PortnerError } from "../../kernel/errors.ts";
import type { Operator } from "../operator.ts";
import { readIfThere, writePrivate } from "../private-file.ts";

const FILE = "integrator.json";
const DAY_MS = 24 * 3_600_000;
const LIFE_MS = 30 * DAY_MS;
/** A token that ends within a demo's day is replaced at its start. */
const LEFT_MS_MIN = DAY_MS;

const Integrator = z.strictObject({ publicId: z.string(), text: z.string(), expiresAt: z.number() });

/** The text of a token that may read locks, events and batteries; the one of the last start while it is good. */
export async function integratorToken(operator: Operator, tenant: number, folder: string): Promise<string> {
  const path = join(folder, FILE);
  const text = await readIfThere(path);
  const standing = text === undefined ? undefined : Integrator.safeParse(JSON.parse(text)).data;
  if (standing !== undefined && (await isGood(operator, tenant, standing))) return standing.text;
  const scopes = ["events:read", "locks:read", "battery:read"] as const;
  const made = await createToken(operator, { tenant, name: "Demo", scopes, lifeMs: LIFE_MS });
  if (!made.ok) throw new PortnerError(made.failure.code, "the demo's token could not be made");
  await writePrivate(path, `${JSON.stringify(made.value)}\n`);
  return made.value.text;
}

async function isGood(
  operator: Operator,
  tenant: number,
  standing: { readonly publicId: string; readonly expiresAt: number },
): Promise<boolean> {
  if (standing.expiresAt - operator.clock.now() < LEFT_MS_MIN) return false;
  const tokens = await tokensOf(operator.database.tables, tenant);
  return tokens.some(({ publicId, revokedAt }) => publicId === standing.publicId && revokedAt === null);
}
