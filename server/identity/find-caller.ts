import type { KeyObject } from "node:crypto";
import { Role, Scope } from "@portner/schema/people";
import type { Instant } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { Allowance } from "../graphql/allowance/allowance.ts";
import { ALLOWANCES } from "./allowances.ts";
import { deviceKey } from "./device-proof.ts";
import { makePolicy } from "./policy.ts";
import type { DashboardPrincipal, KnownPrincipal, PhonePrincipal, TokenPrincipal } from "./principal.ts";
import {
  activeAccount,
  activeCredential,
  sessionByDigest,
  tenantPolicy,
  tokenByDigest,
  type SessionRow,
} from "./store/callers.ts";

/** What a secret stands for. */
export interface FoundCaller {
  readonly principal: KnownPrincipal;
  /** Of a phone: the key its requests are proven with. */
  readonly key?: KeyObject | undefined;
}

/** `unknown`: no such secret. `expired`: it was one once, or its holder no longer counts. */
export type Lookup = FoundCaller | "unknown" | "expired";

/** What a lookup is made of. */
interface Asked {
  readonly tables: Tables;
  readonly digest: Uint8Array;
  readonly now: Instant;
  readonly ended: AbortSignal;
}

/** Finds the session behind a digest, and who it belongs to, in Postgres. */
export async function findSession(asked: Asked): Promise<Lookup> {
  const row = await sessionByDigest(asked.tables, asked.digest);
  if (row === undefined) return "unknown";
  if (row.endedAt !== null || row.expiresAt.getTime() <= asked.now) return "expired";
  const found = row.form === "dashboard" ? await dashboard(asked, row) : await phone(asked, row);
  return found ?? "expired";
}

/** Finds the API token behind a digest in Postgres. */
export async function findToken(asked: Asked): Promise<Lookup> {
  const row = await tokenByDigest(asked.tables, asked.digest);
  if (row === undefined) return "unknown";
  if (row.revokedAt !== null || row.expiresAt.getTime() <= asked.now) return "expired";
  const policy = await policyOf(asked.tables, row.tenant);
  if (policy === undefined) return "expired";
  const principal: TokenPrincipal = {
    kind: "token",
    ...caller({ key: `token ${row.publicId}`, allowance: ALLOWANCES.token }, asked),
    token: row.id,
    tokenId: row.publicId,
    name: row.name,
    tenant: row.tenant,
    scopes: row.scopes.flatMap((scope) => Scope.safeParse(scope).data ?? []),
    policy,
    expiresAt: row.expiresAt.getTime(),
  };
  return { principal };
}

async function dashboard(asked: Asked, row: SessionRow): Promise<FoundCaller | undefined> {
  const account = row.account === null ? undefined : await activeAccount(asked.tables, row.account);
  const policy = await policyOf(asked.tables, row.tenant);
  if (account === undefined || policy === undefined) return undefined;
  const principal: DashboardPrincipal = {
    kind: "dashboard",
    ...caller({ key: `account ${account.publicId}`, allowance: ALLOWANCES.account, ambient: true }, asked),
    account: account.id,
    accountId: account.publicId,
    name: account.name,
    tenant: account.tenant,
    municipality: account.municipality,
    person: account.person ?? undefined,
    roles: account.roles.flatMap(({ role, department, provider }) => {
      const known = Role.safeParse(role);
      if (!known.success) return [];
      return [{ role: known.data, department: department ?? undefined, provider: provider ?? undefined }];
    }),
    policy,
    session: row.id,
    expiresAt: row.expiresAt.getTime(),
  };
  return { principal };
}

async function phone(asked: Asked, row: SessionRow): Promise<FoundCaller | undefined> {
  if (row.credential === null) return undefined;
  const found = await activeCredential(asked.tables, row.credential, new Date(asked.now));
  const policy = await policyOf(asked.tables, row.tenant);
  if (found === undefined || policy === undefined) return undefined;
  const { credential, person, hotlinePhone } = found;
  const until = credential.validUntil?.getTime() ?? Number.POSITIVE_INFINITY;
  const principal: PhonePrincipal = {
    kind: "phone",
    ...caller({ key: `phone ${credential.publicId}`, allowance: ALLOWANCES.phone }, asked),
    credential: credential.id,
    credentialId: credential.publicId,
    person: person.id,
    personId: person.publicId,
    department: person.department ?? undefined,
    provider: person.provider ?? undefined,
    hotlinePhone: hotlinePhone ?? undefined,
    tenant: row.tenant,
    policy,
    session: row.id,
    expiresAt: Math.min(row.expiresAt.getTime(), until),
  };
  return { principal, key: deviceKey(credential.publicKey) };
}

async function policyOf(tables: Tables, tenant: number) {
  const row = await tenantPolicy(tables, tenant);
  return row === undefined ? undefined : makePolicy(row.remoteOpen, row.deviations);
}

function caller(
  {
    key,
    allowance,
    ambient = false,
  }: { readonly key: string; readonly allowance: Allowance; readonly ambient?: boolean },
  { ended }: Pick<Asked, "ended">,
) {
  return { key, allowance, ambient, ended, anonymous: false } as const;
}
