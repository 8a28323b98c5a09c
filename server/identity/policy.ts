import { Role } from "@portner/schema/people";
import { MATRIX } from "./matrix.ts";
import { isOperation, type Operation } from "./operation.ts";
import { parseRule, type Rule } from "./rule.ts";

/** How a tenant lets staff open a door for somebody else. */
export type RemoteOpen = "off" | "onePerson" | "twoPersons";

/** A tenant's deviations from the default matrix, as they stand in `tenant_rule`. */
export interface Deviation {
  readonly operation: string;
  readonly role: string;
  readonly rule: string;
}

/** A tenant's permission matrix: the default with its deviations. */
export interface Policy {
  /** The cell of a role; a rule that can't be read denies. */
  ruleOf(operation: Operation, role: Role): Rule;
  /** The same for policies that say the same. */
  readonly text: string;
}

const DENY: Rule = { reach: "no", second: false, reviewed: false };

function keyOf(operation: string, role: string): string {
  return `${operation} ${role}`;
}

/** Operations that no setting can give to anybody. */
const NOBODY: ReadonlySet<Operation> = new Set(["changeAudit"]);

/** Puts a tenant's policy together. Doubt denies: a deviation that makes no sense takes the right away. */
export function makePolicy(remoteOpen: RemoteOpen, deviations: readonly Deviation[] = []): Policy {
  const cells = new Map<string, Rule>();
  for (const [operation, row] of Object.entries(MATRIX)) {
    for (const [role, text] of Object.entries(row)) cells.set(keyOf(operation, role), parseRule(text) ?? DENY);
  }
  for (const { operation, role, rule } of deviations) {
    if (!isOperation(operation) || NOBODY.has(operation) || !Role.safeParse(role).success) continue;
    cells.set(keyOf(operation, role), parseRule(rule) ?? DENY);
  }
  const text = JSON.stringify([remoteOpen, ...deviations.map((each) => [each.operation, each.role, each.rule])]);
  return { text, ruleOf: (operation, role) => tune(cells.get(keyOf(operation, role)) ?? DENY, operation, remoteOpen) };
}

function tune(rule: Rule, operation: Operation, remoteOpen: RemoteOpen): Rule {
  if (operation !== "remoteOpen" || remoteOpen === "twoPersons") return rule;
  return remoteOpen === "off" ? DENY : { ...rule, second: false };
}
