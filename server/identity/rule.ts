/** How far a role reaches with an operation. */
const REACHES = ["no", "yes", "department", "own", "job", "scope"] as const;

/**
 * What a permission shows less of, or bounds further; the domain that serves the operation keeps to it.
 * `visits`: only places of current visits · `addressOnly`: no names · `batteryOnly` · `namesInJob`: names need an open
 * case · `pseudonym`: staff by pseudonym · `quota`: within the provider's quota.
 */
const NARROWINGS = ["visits", "addressOnly", "batteryOnly", "namesInJob", "pseudonym", "quota"] as const;

/** See {@link REACHES}. `department`: the role's own; `own`: own staff, devices or visits; `job`: only inside an open one. */
export type Reach = (typeof REACHES)[number];
/** See {@link NARROWINGS}. */
export type Narrowing = (typeof NARROWINGS)[number];

/** One cell of the matrix. */
export interface Rule {
  readonly reach: Reach;
  /** Needs the approval of a second person, never the asker. */
  readonly second: boolean;
  /** Is reviewed within 24 hours. */
  readonly reviewed: boolean;
  readonly narrowing?: Narrowing | undefined;
}

const byName = <Name extends string>(names: readonly Name[]): ReadonlyMap<string, Name> =>
  new Map(names.map((name) => [name, name]));
const REACH_BY_NAME = byName(REACHES);
const NARROWING_BY_NAME = byName(NARROWINGS);

/**
 * Reads a rule as it stands in the matrix and in `tenant_rule.rule`: a reach, then `+second`, `+reviewed` and a narrowing
 * in any order, such as `department+second+reviewed`. `undefined` for everything else.
 */
export function parseRule(text: string): Rule | undefined {
  const [first = "", ...marks] = text.split("+");
  const reach = REACH_BY_NAME.get(first);
  if (reach === undefined || new Set(marks).size !== marks.length) return undefined;
  const others = marks.filter((mark) => mark !== "second" && mark !== "reviewed");
  const narrowing = NARROWING_BY_NAME.get(others[0] ?? "");
  if (others.length > 1 || (others.length === 1 && narrowing === undefined)) return undefined;
  return { reach, second: marks.includes("second"), reviewed: marks.includes("reviewed"), narrowing };
}
