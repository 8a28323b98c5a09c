import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { FILE_RULES, FOLDER_RULES, TEST, type Rule } from "./floors.ts";

const WORKSPACES = ["schema", "drizzle", "server", "lock-sim", "dashboard", "load-tests"];

/** An import that a rule forbids. Paths are relative to the tree that was looked at. */
export interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

/** All violations in the source tree at `root`, files first, then folders. */
export async function cruiseTree(root: string): Promise<Violation[]> {
  const files = await cruiseWith(root, FILE_RULES);
  const folders = await cruiseWith(root, FOLDER_RULES, TEST);
  return [...files, ...folders];
}

/** What kit makes of the dashboard. */
const BUILT = "^dashboard/(\\.svelte-kit|build)/";

async function cruiseWith(root: string, rules: readonly Rule[], leftOut?: string): Promise<Violation[]> {
  const folders = WORKSPACES.filter((name) => existsSync(join(root, name)));
  const { output } = await cruise(
    folders,
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: [...rules] },
      doNotFollow: { path: "node_modules" },
      tsPreCompilationDeps: true,
      exclude: { path: leftOut === undefined ? BUILT : [BUILT, leftOut] },
    },
    { exportsFields: ["exports"], conditionNames: ["import", "types", "node", "default"] },
  );
  return violationsOf(output);
}

function violationsOf(output: ICruiseResult | string): Violation[] {
  if (typeof output === "string") return [];
  return output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to }));
}
