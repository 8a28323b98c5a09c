import { and, eq, sql, inArray } from "drizzle-orm";
import { account, accountRole, apiToken, tenantRule } from "@portner/drizzle";
import { Role } from "@portner/schema/people";
import type { Tables } from "../../kernel/database.ts";
import type { HeldRole } from "../principal.ts";

/** An account as stored. */
export type AccountRow = typeof account.$inferSelect;

/** The account of a login, folded as {@link insertAccount} takes it. */
export async function accountByLogin(tables: Tables, login: string): Promise<AccountRow | undefined> {
  const [row] = await tables.select().from(account).where(eq(account.login, login));
  return row;
}

/** Inserts an account with its roles; `undefined` when the login is taken. */
export async function insertAccount(
  tables: Tables,
  row: typeof account.$inferInsert,
  roles: readonly HeldRole[],
): Promise<AccountRow | undefined> {
  const [made] = await tables.insert(account).values(row).onConflictDoNothing({ target: account.login }).returning();
  if (made !== undefined) await insertRoles(tables, made.id, roles);
  return made;
}

/** Puts these roles in the place of an account's roles. */
export async function replaceRoles(tables: Tables, id: number, roles: readonly HeldRole[]): Promise<void> {
  await tables.delete(accountRole).where(eq(accountRole.account, id));
  await insertRoles(tables, id, roles);
}

async function insertRoles(tables: Tables, id: number, roles: readonly HeldRole[]): Promise<void> {
  const rows = roles.map(({ role, department, provider }) => ({ account: id, role, department, provider }));
  if (rows.length > 0) await tables.insert(accountRole).values(rows);
}

/** Sets whether an account may sign in; `undefined` when the tenant has no such account. */
export async function setActive(
  tables: Tables,
  tenant: number,
  publicId: string,
  active: boolean,
): Promise<AccountRow | undefined> {
  const mine = and(eq(account.tenant, tenant), eq(account.publicId, publicId));
  const [row] = await tables.update(account).set({ active }).where(mine).returning();
  return row;
}

/** Marks an account as ended; `undefined` when it was before. */
export async function markEnded(tables: Tables, id: number): Promise<AccountRow | undefined> {
  const open = and(eq(account.id, id), eq(account.active, true));
  const [row] = await tables.update(account).set({ active: false }).where(open).returning();
  return row;
}

/** The roles of an account. */
export async function rolesOf(tables: Tables, id: number): Promise<HeldRole[]> {
  const rows = await tables.select().from(accountRole).where(eq(accountRole.account, id));
  return rows.flatMap(({ role, department, provider }) => {
    const known = Role.safeParse(role);
    if (!known.success) return [];
    return [{ role: known.data, ...(department !== null && { department }), ...(provider !== null && { provider }) }];
  });
}

/** The accounts of a tenant, by login. */
export async function accountsOf(tables: Tables, tenant: number): Promise<AccountRow[]> {
  return await tables.select().from(account).where(eq(account.tenant, tenant)).orderBy(account.login);
}

/** A token as stored. */
export type TokenRow = typeof apiToken.$inferSelect;

/** Inserts a token. */
export async function insertToken(tables: Tables, row: typeof apiToken.$inferInsert): Promise<TokenRow | undefined> {
  const [made] = await tables.insert(apiToken).values(row).returning();
  return made;
}

/** Marks a token as revoked; `undefined` when the tenant has no such token that still counts. */
export async function markRevoked(
  tables: Tables,
  tenant: number,
  publicId: string,
  at: Date,
): Promise<TokenRow | undefined> {
  const mine = and(eq(apiToken.tenant, tenant), eq(apiToken.publicId, publicId), sql`${apiToken.revokedAt} IS NULL`);
  const [row] = await tables.update(apiToken).set({ revokedAt: at }).where(mine).returning();
  return row;
}

/** Notes that a token was used; never goes back in time. */
export async function noteTokenUse(tables: Tables, id: number, at: Date): Promise<void> {
  const later = sql`greatest(${apiToken.lastUsedAt}, ${at.toISOString()}::timestamptz)`;
  await tables.update(apiToken).set({ lastUsedAt: later }).where(eq(apiToken.id, id));
}

/** The tokens of a tenant, newest first. */
export async function tokensOf(tables: Tables, tenant: number): Promise<TokenRow[]> {
  return await tables
    .select()
    .from(apiToken)
    .where(eq(apiToken.tenant, tenant))
    .orderBy(sql`${apiToken.id} DESC`);
}

/** Sets one cell of a tenant's matrix; null puts the default back. */
export async function putRule(
  tables: Tables,
  cell: { readonly tenant: number; readonly operation: string; readonly role: Role; readonly rule: string | null },
): Promise<void> {
  const { tenant, operation, role, rule } = cell;
  const here = and(eq(tenantRule.tenant, tenant), eq(tenantRule.operation, operation), eq(tenantRule.role, role));
  await tables.delete(tenantRule).where(here);
  if (rule !== null) await tables.insert(tenantRule).values({ tenant, operation, role, rule });
}

/** Names of accounts, by key. */
export async function accountNames(tables: Tables, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const rows = await tables
    .select({ id: account.id, name: account.name })
    .from(account)
    .where(inArray(account.id, [...ids]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}
