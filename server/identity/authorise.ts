import type { Role } from "@portner/schema/people";
import { fail, ok, type Result } from "../kernel/result.ts";
import { SCOPE_OF } from "./matrix.ts";
import type { Operation } from "./operation.ts";
import type { KnownPrincipal, Principal } from "./principal.ts";
import type { Narrowing, Rule } from "./rule.ts";

/** What is reviewed must be reviewed within a day. */
export const REVIEW_WITHIN_MS = 24 * 3_600_000;

/**
 * What a domain knows of the thing an operation is about; keys are internal. What is left out is not the case: a rule
 * for the own department denies when `department` is missing.
 */
export interface Facts {
  readonly tenant: number;
  /** Department that the person, place or device belongs to. Where there are several, one that the caller may act for. */
  readonly department?: number | undefined;
  /** Provider that it belongs to. */
  readonly provider?: number | undefined;
  /** Person that it belongs to: the holder of a device, the visitor of a place, the subject of an event. */
  readonly owner?: number | undefined;
  /**
   * Roles of the caller in which it is inside an open job or case of theirs; in no other role it is. A look-up with purpose
   * is a case of the hotline's for 30 minutes, whatever else the account may be.
   */
  readonly jobOf?: readonly Role[] | undefined;
}

/** Leave to do it, and what comes with it. */
export interface Permission {
  /** The role it rests on. */
  readonly role: Role;
  readonly needsSecondPerson: boolean;
  readonly reviewWithinMs?: number | undefined;
  readonly narrowing?: Narrowing | undefined;
}

/**
 * `OTHER_TENANT` and `OUT_OF_SCOPE` read as not found to the caller where they concern a thing; `NO_ROLE` means that no
 * role of the caller could do it to anything.
 */
export interface Denied {
  readonly code: "UNAUTHENTICATED" | "OTHER_TENANT" | "NO_ROLE" | "OUT_OF_SCOPE" | "NEEDS_JOB";
}

/** A role as it is held by whoever asks. */
interface Acting {
  readonly role: Role;
  readonly department?: number | undefined;
  readonly provider?: number | undefined;
  readonly person?: number | undefined;
}

/**
 * The permission matrix's answer for this principal, operation and thing. Of several roles that allow it, the one with
 * the fewest duties counts. Another tenant is denied whatever the roles.
 */
export function authorise(principal: Principal, operation: Operation, facts: Facts): Result<Permission, Denied> {
  if (principal.kind === "anonymous") return fail({ code: "UNAUTHENTICATED" });
  if (principal.tenant !== facts.tenant) return fail({ code: "OTHER_TENANT" });
  let best: Permission | undefined;
  let denial: Denied["code"] = "NO_ROLE";
  for (const acting of actingRoles(principal)) {
    const rule = principal.policy.ruleOf(operation, acting.role);
    if (rule.reach === "no") continue;
    if (!reaches(rule, acting, facts, hasScope(principal, operation))) {
      denial = denialOf(rule, denial);
      continue;
    }
    const permission = permit(rule, acting.role);
    if (best === undefined || duties(permission) < duties(best)) best = permission;
  }
  return best === undefined ? fail({ code: denial }) : ok(best);
}

/**
 * Whether any role of the principal could do the operation, whatever it is about: the coarse rule of a GraphQL field.
 * With `unless`, roles so narrowed don't count.
 */
export function mayAtAll(principal: Principal, operation: Operation, unless?: Narrowing): boolean {
  if (principal.kind === "anonymous") return false;
  return actingRoles(principal).some(({ role }) => {
    const { reach, narrowing } = principal.policy.ruleOf(operation, role);
    if (unless !== undefined && narrowing === unless) return false;
    return reach === "scope" ? hasScope(principal, operation) : reach !== "no";
  });
}

/** Roles a principal acts in: an account's own, a carer's for a phone, the integrator's for a token. */
function actingRoles(principal: KnownPrincipal): readonly Acting[] {
  switch (principal.kind) {
    case "dashboard":
      return principal.roles.map((held) => ({ ...held, person: principal.person }));
    case "phone":
      return [{ role: "E", person: principal.person, department: principal.department, provider: principal.provider }];
    case "token":
      return [{ role: "G" }];
  }
}

function hasScope(principal: KnownPrincipal, operation: Operation): boolean {
  const scope = SCOPE_OF[operation];
  return principal.kind === "token" && scope !== undefined && principal.scopes.includes(scope);
}

function reaches(rule: Rule, acting: Acting, facts: Facts, scoped: boolean): boolean {
  switch (rule.reach) {
    case "no":
      return false;
    case "yes":
      return true;
    case "department":
      return acting.department !== undefined && acting.department === facts.department;
    case "own":
      return isOwn(acting, facts);
    case "job":
      return facts.jobOf?.includes(acting.role) === true;
    case "scope":
      return scoped;
  }
}

/** A provider's administrator owns what is the provider's; everybody else what is their own. */
function isOwn(acting: Acting, facts: Facts): boolean {
  if (acting.role === "P") return acting.provider !== undefined && acting.provider === facts.provider;
  return acting.person !== undefined && acting.person === facts.owner;
}

function denialOf(rule: Rule, before: Denied["code"]): Denied["code"] {
  if (rule.reach === "scope") return before;
  return rule.reach === "job" && before === "NO_ROLE" ? "NEEDS_JOB" : "OUT_OF_SCOPE";
}

function permit(rule: Rule, role: Role): Permission {
  return {
    role,
    needsSecondPerson: rule.second,
    reviewWithinMs: rule.reviewed ? REVIEW_WITHIN_MS : undefined,
    narrowing: rule.narrowing,
  };
}

function duties(permission: Permission): number {
  const second = permission.needsSecondPerson ? 4 : 0;
  const review = permission.reviewWithinMs === undefined ? 0 : 2;
  return second + review + (permission.narrowing === undefined ? 0 : 1);
}
