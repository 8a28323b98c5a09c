import { OPERATIONS } from "./operation.ts";
import type { HeldRole, KnownPrincipal } from "./principal.ts";
import type { Rule } from "./rule.ts";

/**
 * What a caller's rights rest on, as text: callers with the same one have the same rights to everything, but for jobs,
 * which are facts. It holds who they are only where a right depends on that.
 */
export function rightsScope(principal: KnownPrincipal): string {
  const { kind, tenant, policy } = principal;
  return JSON.stringify([kind, tenant, policy.text, ...ownPart(principal)]);
}

function ownPart(principal: KnownPrincipal): readonly unknown[] {
  switch (principal.kind) {
    case "token":
      // Each token knows staff by pseudonyms of its own.
      return [principal.tokenId, [...principal.scopes].toSorted()];
    case "phone":
      return [principal.person, principal.department ?? null, principal.provider ?? null];
    case "dashboard":
      return [principal.roles.map(heldText).toSorted(), ...whoWhereItCounts(principal, principal.roles)];
  }
}

function heldText({ role, department, provider }: HeldRole): string {
  return JSON.stringify([role, department ?? null, provider ?? null]);
}

function whoWhereItCounts(
  { policy, key, person }: KnownPrincipal & { readonly kind: "dashboard" },
  roles: readonly HeldRole[],
): readonly unknown[] {
  const rules = roles.flatMap(({ role }) =>
    OPERATIONS.map((operation): [string, Rule] => [role, policy.ruleOf(operation, role)]),
  );
  // A provider's administrator owns by provider, which is in the role; everybody else by person.
  const owns = rules.some(([role, { reach }]) => reach === "own" && role !== "P");
  const knowsByPseudonym = rules.some(([, { narrowing }]) => narrowing === "pseudonym");
  return [owns ? (person ?? null) : null, knowsByPseudonym ? key : null];
}
