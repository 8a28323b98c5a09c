import type { Role } from "@portner/schema/people";
import { append, newEntry, type NewEntry } from "../journal/index.ts";
import type { Tables } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { endedSessionEntries } from "./ended-session-entries.ts";
import { isOperation } from "./operation.ts";
import type { SessionDeps } from "./open-session.ts";
import { PASSWORD_CHARACTERS, type Passwords } from "./password.ts";
import type { HeldRole } from "./principal.ts";
import { parseRule } from "./rule.ts";
import { foldLogin, LOGIN_CHARACTERS_MAX } from "./sign-in.ts";
import {
  accountByLogin,
  insertAccount,
  markEnded,
  putRule,
  replaceRoles,
  rolesOf,
  setActive,
} from "./store/accounts.ts";
import { endOpenSessions } from "./store/sessions.ts";

/** An account to be made. Keys are internal. */
export interface NewAccount {
  readonly tenant: number;
  /** Unique over all tenants, 1–200 characters, compared without regard to case. */
  readonly login: string;
  readonly name: string;
  /** 10–256 characters. */
  readonly password: string;
  /** At most one of each; C and L belong to a department, P to a provider. */
  readonly roles: readonly HeldRole[];
  readonly person?: number | undefined;
}

/** An account as others may know it. */
export interface MadeAccount {
  readonly id: number;
  readonly publicId: string;
}

/** Why an account could not be made. */
export interface AccountFailure {
  readonly code: "LOGIN_TAKEN" | "LOGIN_INVALID" | "PASSWORD_INVALID" | "ROLES_INVALID";
}

/** What the use cases on accounts need. */
export interface AccountDeps extends SessionDeps {
  readonly passwords: Passwords;
}

/** Why nobody can be given this login now, if anything; it may still be taken before an account is made. */
export async function loginFault(tables: Tables, login: string): Promise<"LOGIN_INVALID" | "LOGIN_TAKEN" | undefined> {
  const folded = foldLogin(login);
  if (!isLogin(folded)) return "LOGIN_INVALID";
  return (await accountByLogin(tables, folded)) === undefined ? undefined : "LOGIN_TAKEN";
}

function isLogin(folded: string): boolean {
  return folded.length >= 1 && folded.length <= LOGIN_CHARACTERS_MAX;
}

/** Makes an individual's account. Whoever calls has authorised it; until approvals exist that is the command line. */
export async function createAccount(
  deps: AccountDeps,
  input: NewAccount,
): Promise<Result<MadeAccount, AccountFailure>> {
  const login = foldLogin(input.login);
  if (!isLogin(login)) return fail({ code: "LOGIN_INVALID" });
  const { min, max } = PASSWORD_CHARACTERS;
  if (input.password.length < min || input.password.length > max) return fail({ code: "PASSWORD_INVALID" });
  if (!rolesAreSound(input.roles)) return fail({ code: "ROLES_INVALID" });
  const passwordHash = await deps.passwords.hash(input.password);
  const { tenant, name, person, roles } = input;
  const done = await append<MadeAccount, AccountFailure>(deps, async (tables) => {
    const row = { publicId: newId(deps.random), tenant, name, person, login, passwordHash };
    const made = await insertAccount(tables, row, roles);
    if (made === undefined) return { refused: { code: "LOGIN_TAKEN" } };
    const value = { id: made.id, publicId: made.publicId };
    return { entries: [changed(deps, { tenant, account: made.id, active: true, roles })], value };
  });
  if (done.outcome === "refused") return fail(done.failure);
  if (done.outcome !== "appended") throw new InvariantError(`a new account can't be \`${done.outcome}\``);
  return ok(done.value);
}

/** Changes roles, or closes an account, and ends its sessions: whoever comes back has the new rights. */
export async function changeAccount(
  deps: SessionDeps,
  input: {
    readonly tenant: number;
    readonly publicId: string;
    readonly active: boolean;
    readonly roles: readonly HeldRole[];
  },
): Promise<Result<undefined, { readonly code: "NOT_FOUND" | "ROLES_INVALID" }>> {
  if (!rolesAreSound(input.roles)) return fail({ code: "ROLES_INVALID" });
  const { tenant, publicId, active, roles } = input;
  const done = await append<undefined, { readonly code: "NOT_FOUND" }>(deps, async (tables) => {
    const account = await setActive(tables, tenant, publicId, active);
    if (account === undefined) return { refused: { code: "NOT_FOUND" } };
    await replaceRoles(tables, account.id, roles);
    const now = deps.clock.now();
    const sessions = await endOpenSessions(tables, { accounts: [account.id] }, new Date(now));
    const entry = changed(deps, { tenant, account: account.id, active, roles });
    return {
      entries: [entry, ...endedSessionEntries(deps, { tenant, sessions, cause: "CLOSED" })],
      value: undefined,
    };
  });
  return done.outcome === "refused" ? fail(done.failure) : ok(undefined);
}

/**
 * Ends an account: nobody signs in with it any more, and its sessions end in the same transaction, on every hub. Its roles
 * stay on record. Answers how many sessions ended.
 */
export async function endAccount(
  deps: SessionDeps,
  input: { readonly tenant: number; readonly login: string },
): Promise<Result<{ readonly sessions: number }, { readonly code: "NOT_FOUND" | "ENDED_BEFORE" }>> {
  const { tenant } = input;
  type Failure = { readonly code: "NOT_FOUND" | "ENDED_BEFORE" };
  const done = await append<{ readonly sessions: number }, Failure>(deps, async (tables) => {
    const known = await accountByLogin(tables, foldLogin(input.login));
    if (known?.tenant !== tenant) return { refused: { code: "NOT_FOUND" } };
    const account = await markEnded(tables, known.id);
    if (account === undefined) return { refused: { code: "ENDED_BEFORE" } };
    const roles = await rolesOf(tables, account.id);
    const sessions = await endOpenSessions(tables, { accounts: [account.id] }, new Date(deps.clock.now()));
    const entry = changed(deps, { tenant, account: account.id, active: false, roles });
    return {
      entries: [entry, ...endedSessionEntries(deps, { tenant, sessions, cause: "CLOSED" })],
      value: { sessions: sessions.length },
    };
  });
  if (done.outcome === "refused") return fail(done.failure);
  if (done.outcome !== "appended") throw new InvariantError(`the end of an account was \`${done.outcome}\``);
  return ok(done.value);
}

/** Sets one cell of a tenant's permission matrix; null puts the default back. Everybody of the tenant signs in anew. */
export async function setRule(
  deps: SessionDeps,
  cell: { readonly tenant: number; readonly operation: string; readonly role: Role; readonly rule: string | null },
): Promise<Result<undefined, { readonly code: "OPERATION_UNKNOWN" | "RULE_INVALID" }>> {
  if (!isOperation(cell.operation)) return fail({ code: "OPERATION_UNKNOWN" });
  if (cell.rule !== null && parseRule(cell.rule) === undefined) return fail({ code: "RULE_INVALID" });
  const { tenant, ...data } = cell;
  await append(deps, async (tables) => {
    await putRule(tables, cell);
    const occurredAt = deps.clock.now();
    const entry = newEntry("policy.changed", { entryId: newId(deps.random), occurredAt, tenant, data });
    return { entries: [entry], value: undefined };
  });
  return ok(undefined);
}

function rolesAreSound(roles: readonly HeldRole[]): boolean {
  const bound = (held: HeldRole): boolean => {
    if (held.role === "C" || held.role === "L") return held.department !== undefined;
    return held.role === "P" ? held.provider !== undefined : held.role !== "G";
  };
  return new Set(roles.map(({ role }) => role)).size === roles.length && roles.every(bound);
}

function changed(
  deps: SessionDeps,
  { tenant, account, active, roles }: { tenant: number; account: number; active: boolean; roles: readonly HeldRole[] },
): NewEntry {
  const held = roles.map(({ role, department = null, provider = null }) => ({ role, department, provider }));
  const occurredAt = deps.clock.now();
  const data = { account, active, roles: held };
  return newEntry("account.changed", { entryId: newId(deps.random), occurredAt, tenant, data });
}
