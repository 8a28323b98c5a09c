import { authorise, type Operation, type Principal } from "../../identity/index.ts";
import type { PersonRow } from "../store/persons.ts";

/** Whether the principal belongs to the tenant. */
export function isOf(principal: Principal, tenant: number): boolean {
  return principal.kind !== "anonymous" && principal.tenant === tenant;
}

/** Whether the principal may do the operation to this person. */
export function mayOn(principal: Principal, operation: Operation, person: PersonRow): boolean {
  const { tenant, department, provider, id } = person;
  const facts = { tenant, department: department ?? undefined, provider: provider ?? undefined, owner: id };
  return authorise(principal, operation, facts).ok;
}

/** Whether the principal may know of this person: whoever may ask what a person may open, does. */
export function mayKnow(principal: Principal, person: PersonRow): boolean {
  return mayOn(principal, "decide", person) || mayOn(principal, "manageEmployee", person);
}

/** Integrators see staff by user id only, unless they sync it. */
export function mayName(principal: Principal, person: PersonRow): boolean {
  return principal.kind !== "token" || mayOn(principal, "manageEmployee", person);
}
