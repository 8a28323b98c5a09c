import { ForbiddenError, InvalidInputError, NotFoundError, UserError } from "../../../graphql/errors.ts";
import { authorise, mayAtAll, type Principal } from "../../../identity/index.ts";
import type { Tables } from "../../../kernel/database.ts";
import type { LockRegistry } from "../../../locks/index.ts";
import { addressesByIds, doorsByIds, pathByPublicId, pathsByIds, reaches, reachOf } from "../../../places/index.ts";
import { REASON_CHARACTERS_MAX } from "../../block.ts";
import type { Opener, OpenTarget } from "../request.ts";
import type { OpeningGraphqlDeps } from "./deps.ts";
import { publicIdOf } from "./public-id.ts";

/** A phone opens with its own credential and no other; an account opens for somebody else, with a reason. */
export function openerOf(principal: Principal, reason: string | undefined): Opener {
  if ((reason?.length ?? 0) > REASON_CHARACTERS_MAX) {
    const message = `a reason has at most ${REASON_CHARACTERS_MAX} characters`;
    throw new InvalidInputError(message, ["input", "reason"], "REASON_TOO_LONG");
  }
  const stillMay = (): boolean => !principal.ended.aborted;
  if (principal.kind === "phone") {
    const { tenant, person, credential, credentialId } = principal;
    const allowed = authorise(principal, "openWithOwnCredential", { tenant, owner: person });
    if (!allowed.ok) throw new ForbiddenError();
    const caller = `credential:${credentialId}`;
    const asker = { type: "credential", credential } as const;
    return { asker, tenant, caller, credentialId, person, account: undefined, stillMay };
  }
  if (principal.kind !== "dashboard" || !mayAtAll(principal, "remoteOpen")) throw new ForbiddenError();
  const { tenant, person, account, accountId } = principal;
  if (reason === undefined || reason.trim() === "") {
    throw new InvalidInputError("opening for somebody else needs a reason", ["input", "reason"], "REASON_MISSING");
  }
  const asker = { type: "remote", person: person ?? null } as const;
  return { asker, tenant, caller: `account:${accountId}`, credentialId: accountId, person, account, stillMay };
}

/** Opening for somebody else needs the right to it where the door is, and a second person where the tenant wants one. */
export async function checkRemote(
  { tables, registry }: OpeningGraphqlDeps,
  principal: Principal,
  target: OpenTarget,
): Promise<void> {
  const reach = await reachOf(tables, principal, "remoteOpen");
  const district = await districtOf(tables, registry, target);
  if (!reaches(reach, district)) throw new NotFoundError("no such door in your reach", ["input", "target"]);
  if (reach.needsSecondPerson === true) {
    throw new ForbiddenError("NEEDS_SECOND_PERSON", "a second person must approve a remote opening here");
  }
}

/** Whether {@link checkRemote} still finds nothing against it. */
export async function mayOpenRemotely(
  deps: OpeningGraphqlDeps,
  principal: Principal,
  target: OpenTarget,
): Promise<boolean> {
  try {
    await checkRemote(deps, principal, target);
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

async function districtOf(tables: Tables, registry: LockRegistry, target: OpenTarget): Promise<number | null> {
  if ("path" in target) {
    const [path] = await pathsByIds(tables, [target.path]);
    const [home] = path === undefined ? [] : await addressesByIds(tables, [path.home]);
    return home?.district ?? null;
  }
  const door = registry.byLock(target.lock)?.door;
  const [row] = door === undefined ? [] : await doorsByIds(tables, [door]);
  const [address] = row === undefined ? [] : await addressesByIds(tables, [row.address]);
  return address?.district ?? null;
}

/** The lock or path that is meant, if it is of the caller's tenant. */
export async function targetOf(
  deps: OpeningGraphqlDeps,
  tenant: number,
  target: { readonly lock?: string | null | undefined; readonly path?: string | null | undefined },
): Promise<OpenTarget> {
  if (typeof target.lock === "string") {
    const id = publicIdOf("Lock", target.lock);
    const lock = id === undefined ? undefined : deps.registry.byId(id);
    if (lock?.tenant !== tenant) throw new NotFoundError("no such lock in your reach", ["input", "target", "lock"]);
    return { lock: lock.lock };
  }
  const id = publicIdOf("Path", target.path ?? "");
  const path = id === undefined ? undefined : await pathByPublicId(deps.tables, id);
  if (path?.path.tenant !== tenant) throw new NotFoundError("no such path in your reach", ["input", "target", "path"]);
  return { path: path.path.id };
}
