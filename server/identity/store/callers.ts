import { and, eq, sql } from "drizzle-orm";
import { account, accountRole, apiToken, credential, person, session, tenant, tenantRule } from "@portner/drizzle";
import type { Tables } from "../../kernel/database.ts";
import type { Deviation, RemoteOpen } from "../policy.ts";

/** What a tenant adds to a caller. */
export interface TenantPolicyRow {
  readonly tenant: number;
  readonly remoteOpen: RemoteOpen;
  readonly deviations: readonly Deviation[];
}

/** A session as stored. */
export type SessionRow = typeof session.$inferSelect;

/** The session with this token digest, whatever its state. */
export async function sessionByDigest(tables: Tables, digest: Uint8Array): Promise<SessionRow | undefined> {
  const [row] = await tables.select().from(session).where(eq(session.tokenDigest, digest));
  return row;
}

/** An account with its roles and its tenant's name; absent when it was closed, or its person left. */
export async function activeAccount(tables: Tables, id: number) {
  const [row] = await tables
    .select({ account, municipality: tenant.name })
    .from(account)
    .innerJoin(tenant, eq(tenant.id, account.tenant))
    .leftJoin(person, eq(person.id, account.person))
    .where(and(eq(account.id, id), eq(account.active, true), sql`coalesce(${person.active}, true)`));
  if (row === undefined) return undefined;
  const roles = await tables.select().from(accountRole).where(eq(accountRole.account, id));
  return { ...row.account, municipality: row.municipality, roles };
}

/** A credential with its person and the number that the person calls, if both still count at `now`. */
export async function activeCredential(tables: Tables, id: number, now: Date) {
  const [row] = await tables
    .select({ credential, person, hotlinePhone: tenant.hotlinePhone })
    .from(credential)
    .innerJoin(person, eq(person.id, credential.person))
    .innerJoin(tenant, eq(tenant.id, person.tenant))
    .where(and(eq(credential.id, id), eq(person.active, true)));
  if (row === undefined) return undefined;
  const { validFrom, validUntil } = row.credential;
  return validFrom <= now && (validUntil === null || now < validUntil) ? row : undefined;
}

/** A credential by its public id. */
export async function credentialByPublicId(tables: Tables, publicId: string) {
  const [row] = await tables.select().from(credential).where(eq(credential.publicId, publicId));
  return row;
}

/** The token with this digest, whatever its state. */
export async function tokenByDigest(tables: Tables, digest: Uint8Array) {
  const [row] = await tables.select().from(apiToken).where(eq(apiToken.digest, digest));
  return row;
}

/** What a tenant's policy is made of. */
export async function tenantPolicy(tables: Tables, id: number): Promise<TenantPolicyRow | undefined> {
  const [row] = await tables.select({ remoteOpen: tenant.remoteOpen }).from(tenant).where(eq(tenant.id, id));
  if (row === undefined) return undefined;
  const deviations = await tables.select().from(tenantRule).where(eq(tenantRule.tenant, id));
  return { tenant: id, remoteOpen: row.remoteOpen, deviations };
}
