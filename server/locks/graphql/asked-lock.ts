import { ForbiddenError, InvalidInputError, NotFoundError } from "../../graphql/errors.ts";
import { parseGlobalId } from "../../graphql/scalars.ts";
import type { Permission, Principal } from "../../identity/index.ts";
import type { LockDirectory, LockPlace } from "../directory/index.ts";
import { REQUEST_KEY_PATTERN, type UnitRequest } from "../unit-request.ts";

/** What a mutation about the unit on a door is given. */
interface AskedUnit {
  readonly lock: string | number;
  readonly idempotencyKey: string;
}

/**
 * The request that a caller may make about a lock. Throws what the caller is told: a lock out of reach reads as not found,
 * and what needs a second person is refused by name, because approvals are not there yet.
 */
export function requestAbout(
  directory: LockDirectory,
  principal: Principal,
  { lock, idempotencyKey }: AskedUnit,
  leaveAt: (place: LockPlace) => Permission | undefined,
): { readonly place: LockPlace; readonly request: UnitRequest } {
  const { typename, id } = parseGlobalId(String(lock));
  const place = typename === "Lock" ? directory.byId(id) : undefined;
  const leave = place === undefined ? undefined : leaveAt(place);
  if (place === undefined || leave === undefined)
    throw new NotFoundError("no such lock in your reach", ["input", "lock"]);
  if (leave.needsSecondPerson) throw new ForbiddenError("NEEDS_SECOND_PERSON", "a second person must approve this");
  if (principal.kind !== "dashboard") throw new ForbiddenError();
  if (!REQUEST_KEY_PATTERN.test(idempotencyKey)) {
    throw new InvalidInputError("8 to 64 letters, digits, `_` or `-`", ["input", "idempotencyKey"]);
  }
  const { tenant, account: actor } = principal;
  return { place, request: { tenant, lock: place.lock, actor, idempotencyKey } };
}
