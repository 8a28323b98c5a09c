import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { REPOSITORY } from "./command.ts";
import { cruiseTree } from "./cruise.ts";
import { DASHBOARD_FLOORS, FILE_RULES, FLOORS, FOLDER_RULES } from "./floors.ts";

/** Which file imports what. An imported file that is not itself a key is made empty. */
type Plant = Readonly<Record<string, readonly string[]>>;

const PACKAGES = [
  "zod",
  "mqtt",
  "aedes",
  "graphql",
  "graphql-yoga",
  "@pothos/core",
  "drizzle-orm",
  "postgres",
  "vitest",
];

const CLIMBS: Record<string, Plant> = Object.fromEntries(
  FLOORS.slice(0, -1).map((floor, index) => [
    `server-${floor}-stays-below`,
    { [`server/${floor}/use.ts`]: [`server/${FLOORS[index + 1] ?? ""}/index.ts`] },
  ]),
);

const DASHBOARD_CLIMBS: Record<string, Plant> = Object.fromEntries(
  DASHBOARD_FLOORS.map((floor, index) => [
    `dashboard-${floor}-stays-below`,
    {
      [`dashboard/src/lib/${floor}/use.ts`]: [`dashboard/src/lib/${DASHBOARD_FLOORS[index + 1] ?? "console"}/index.ts`],
    },
  ]),
);

/** For every rule a tree that breaks it, and only it. */
const PLANTS: Record<string, Plant> = {
  ...CLIMBS,
  ...DASHBOARD_CLIMBS,
  "schema-is-the-ground": { "schema/mqtt/cmd.ts": ["drizzle/locks.ts"] },
  "drizzle-on-schema": { "drizzle/locks.ts": ["server/kernel/ids.ts"] },
  "lock-sim-on-schema": { "lock-sim/lock.ts": ["server/kernel/ids.ts"] },
  "dashboard-on-schema": { "dashboard/src/routes/page.ts": ["server/kernel/ids.ts"] },
  "load-tests-on-schema": { "load-tests/fleet.ts": ["server/kernel/ids.ts"] },
  "schema-without-node": { "schema/mqtt/codec.ts": ["node:crypto"] },
  "schema-on-zod": { "schema/mqtt/codec.ts": ["mqtt"] },
  "harness-by-its-door": { "lock-sim/lock.test.ts": ["server/kernel/ids.ts"] },
  "no-simulator-in-production": { "server/boot/demo.ts": ["lock-sim/town.ts"] },
  "every-server-folder-has-a-floor": { "server/attic/box.ts": ["server/kernel/ids.ts"] },
  "domains-by-front-door": { "server/access/grant.ts": ["server/locks/board.ts"] },
  "graphql-extends-graphql": { "server/access/graphql.ts": ["server/locks/board.ts"] },
  "decide-is-pure": { "server/access/decide.ts": ["server/kernel/log.ts"] },
  "decide-reaches-no-io": {
    "server/access/decide.ts": ["server/access/rows.ts"],
    "server/access/rows.ts": ["server/access/store.ts"],
  },
  "sql-only-in-stores": { "server/locks/board.ts": ["drizzle-orm"] },
  "mqtt-only-in-its-kit": { "server/locks/mqtt.ts": ["mqtt"] },
  "graphql-only-at-the-edge": { "server/locks/board.ts": ["graphql"] },
  "dashboard-domains-apart": { "dashboard/src/lib/phone/name.ts": ["dashboard/src/lib/console/name.ts"] },
  "no-file-cycle": {
    "server/locks/lock.ts": ["server/locks/board.ts"],
    "server/locks/board.ts": ["server/locks/lock.ts"],
  },
  "not-to-test": { "server/locks/lock.ts": ["server/simulation/world.ts"] },
  "no-test-tool-in-production": { "server/locks/lock.ts": ["vitest"] },
  "no-unresolvable": { "server/locks/lock.ts": ["./gone.ts"] },
  "no-folder-cycle": {
    "schema/mqtt/cmd.ts": ["schema/journal/kind.ts"],
    "schema/journal/opening.ts": ["schema/mqtt/limit.ts"],
  },
};

/** The same imports where they are right. */
const ALLOWED: Plant = {
  "schema/mqtt/cmd.ts": ["zod"],
  "schema/mqtt/emit-asyncapi.ts": ["node:fs"],
  "drizzle/locks.ts": ["@portner/schema/mqtt/cmd.ts", "drizzle-orm"],
  "drizzle/locks.test.ts": ["server/simulation/postgres.ts", "vitest"],
  "lock-sim/lock.ts": ["@portner/schema/mqtt/cmd.ts", "mqtt"],
  "dashboard/src/lib/ui/button.ts": ["dashboard/src/lib/format/age.ts"],
  "dashboard/src/lib/locks/name.ts": ["dashboard/src/lib/ui/button.ts"],
  "dashboard/src/routes/page.ts": ["dashboard/src/lib/locks/name.ts", "dashboard/src/lib/people/name.ts", "$app/state"],
  "dashboard/e2e/frame.test.ts": ["server/simulation/postgres.ts", "vitest"],
  "server/simulation/postgres.ts": ["server/boot/embedded-postgres.ts", "postgres", "vitest"],
  "server/access/decide.ts": ["server/kernel/ids.ts", "server/access/basis.ts", "@portner/schema/mqtt/cmd.ts"],
  "server/access/store.ts": ["drizzle/locks.ts", "drizzle-orm"],
  "server/access/graphql.ts": ["server/locks/graphql.ts", "server/locks/index.ts", "@pothos/core"],
  "server/access/grant.ts": ["server/locks/index.ts", "server/kernel/ids.ts"],
  "server/access/grant.test.ts": ["server/boot/wire.ts", "lock-sim/lock.ts", "drizzle/locks.ts", "mqtt"],
  "server/mqtt/connection.ts": ["mqtt", "aedes"],
  "server/boot/wire.ts": ["server/access/graphql.ts", "server/mqtt/connection.ts", "postgres", "graphql-yoga"],
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "portner-floors-"));
  for (const name of PACKAGES) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", main: "index.js" }));
    write(`node_modules/${name}/index.js`, "");
  }
  mkdirSync(join(root, "schema"));
  mkdirSync(join(root, "node_modules/@portner"));
  symlinkSync(join(root, "schema"), join(root, "node_modules/@portner/schema"));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function plantTree(plant: Plant): void {
  for (const targets of Object.values(plant)) {
    for (const target of targets) if (isSource(target)) write(target, "export const nothing = 0;\n");
  }
  for (const [file, targets] of Object.entries(plant)) {
    const up = "../".repeat(file.split("/").length - 1);
    const lines = targets.map((target) => `import "${isSource(target) ? `${up}${target}` : target}";\n`);
    write(file, `${lines.join("")}export const something = 1;\n`);
  }
}

function isSource(target: string): boolean {
  return /^(schema|drizzle|server|lock-sim|dashboard|load-tests)\//.test(target);
}

const NAMES = [...FILE_RULES, ...FOLDER_RULES].map((rule) => rule.name);

test("every rule has a planted violation, and every plant a rule", () => {
  expect(Object.keys(PLANTS).toSorted()).toEqual(NAMES.toSorted());
});

test.each(NAMES)("a planted violation of %s is reported by that rule alone", async (name) => {
  plantTree(PLANTS[name] ?? {});
  const violations = await cruiseTree(root);
  expect([...new Set(violations.map((violation) => violation.rule))]).toEqual([name]);
});

test("a tree that keeps the rules is left in peace", async () => {
  plantTree(ALLOWED);
  expect(await cruiseTree(root)).toEqual([]);
});

test("every folder of the server stands on a floor", () => {
  const folders = readdirSync(join(REPOSITORY, "server"), { withFileTypes: true });
  const found = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const known: readonly string[] = [...FLOORS, "simulation", "node_modules"];
  expect(found.filter((name) => !known.includes(name))).toEqual([]);
});
