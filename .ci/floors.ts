/** The floors of `server/`, lowest first. A folder imports only folders before it. */
export const FLOORS = [
  "kernel",
  "graphql",
  "mqtt",
  "journal",
  "identity",
  "people",
  "places",
  "locks",
  "access",
  "smartkeys",
  "battery",
  "orders",
  "support",
  "integrations",
  "boot",
] as const;

interface End {
  readonly path?: string | string[];
  readonly pathNot?: string | string[];
}

interface Target extends End {
  readonly circular?: boolean;
  readonly couldNotResolve?: boolean;
  readonly dependencyTypes?: "core"[];
  readonly reachable?: boolean;
}

/** A rule as written here: always with a name, an error, and the sentence a breaker reads. */
export interface Rule {
  readonly name: string;
  readonly comment: string;
  readonly severity: "error";
  readonly scope?: "folder";
  readonly from: End;
  readonly to: Target;
}

const DOMAINS = FLOORS.slice(FLOORS.indexOf("journal"), FLOORS.indexOf("boot")).join("|");
const WORKSPACES = "schema|drizzle|server|dashboard|lock-sim|load-tests";

/** Tests and their harness may look everywhere; nothing that ships may look at them. */
export const TEST = "(\\.test\\.ts$|^server/simulation/|^dashboard/e2e/)";
const STORE = "/store(\\.ts$|/)";
const GRAPHQL = "/graphql(\\.ts$|/)";
const EMITTER = "/emit[^/]*\\.ts$";

function rule(name: string, comment: string, from: Rule["from"], to: Rule["to"]): Rule {
  return { name, comment, severity: "error", from, to };
}

function standsOn(workspace: string, allowed: readonly string[], comment: string): Rule {
  const ground = [workspace, ...allowed].map((folder) => `^${folder}/`);
  const name = allowed.length === 0 ? `${workspace}-is-the-ground` : `${workspace}-on-${allowed.join("-and-")}`;
  return rule(name, comment, { path: `^${workspace}/`, pathNot: TEST }, { path: `^(${WORKSPACES})/`, pathNot: ground });
}

const WORKSPACE_RULES = [
  standsOn("schema", [], "Contracts import no other workspace."),
  standsOn("drizzle", ["schema"], "Tables know contracts, never the server."),
  standsOn("lock-sim", ["schema"], "The fake lock must not share a bug with what it tests."),
  standsOn("dashboard", ["schema"], "The browser sees contracts and the public API only."),
  standsOn("load-tests", ["schema"], "Load drives the product from outside."),
  rule(
    "schema-without-node",
    "Contracts run in a browser too; only what emits files may use Node.",
    { path: "^schema/", pathNot: [TEST, EMITTER] },
    { dependencyTypes: ["core"] },
  ),
  rule(
    "schema-on-zod",
    "Contracts need zod and nothing else from npm.",
    { path: "^schema/", pathNot: TEST },
    { path: "node_modules/", pathNot: "node_modules/zod/" },
  ),
  rule(
    "harness-by-its-door",
    "Tests of another workspace see of the server only its harness.",
    { path: [`^(?!server/)(${WORKSPACES})/.*\\.test\\.ts$`, "^dashboard/e2e/"] },
    { path: "^server/", pathNot: "^server/simulation/" },
  ),
  rule(
    "no-simulator-in-production",
    "Shipping server code starts the simulator as a process, and never imports it.",
    { path: "^server/", pathNot: TEST },
    { path: "^lock-sim/" },
  ),
];

const FLOOR_RULES = FLOORS.slice(0, -1).map((floor, index) =>
  rule(
    `server-${floor}-stays-below`,
    `server/${floor} may import only: ${FLOORS.slice(0, index).join(", ") || "nothing in server"}.`,
    { path: `^server/${floor}/`, pathNot: TEST },
    { path: `^server/(${FLOORS.slice(index + 1).join("|")})/` },
  ),
);

const SERVER_RULES = [
  rule(
    "every-server-folder-has-a-floor",
    "A new folder is put on a floor first, and no file stands beside the floors.",
    { path: "^server/", pathNot: [`^server/(${FLOORS.join("|")}|simulation)/`] },
    {},
  ),
  rule(
    "domains-by-front-door",
    "One domain reaches another through its index.ts.",
    { path: `^server/(${DOMAINS})/`, pathNot: [TEST, GRAPHQL] },
    { path: `^server/(${DOMAINS})/`, pathNot: ["^server/$1/", "^server/[^/]+/index\\.ts$"] },
  ),
  rule(
    "graphql-extends-graphql",
    "A graphql.ts may extend the types of a lower graphql.ts; beyond that it takes the front door.",
    { path: `^server/(${DOMAINS})${GRAPHQL}`, pathNot: TEST },
    { path: `^server/(${DOMAINS})/`, pathNot: ["^server/$1/", "^server/[^/]+/index\\.ts$", `^server/[^/]+${GRAPHQL}`] },
  ),
  rule(
    "decide-is-pure",
    "decide.ts sees contracts, kernel types and its own folder.",
    { path: "^server/access/decide\\.ts$" },
    { pathNot: ["^schema/", "^server/kernel/(clock|ids|result)\\.ts$", "^server/access/"] },
  ),
  rule(
    "decide-reaches-no-io",
    "Nothing that decide.ts leads to may touch tables, the journal, the broker or the API.",
    { path: "^server/access/decide\\.ts$" },
    { path: `(^drizzle/|^server/(journal|mqtt|boot)/|${STORE}|^server/[^/]+/(graphql|mqtt)\\.ts$)`, reachable: true },
  ),
  rule(
    "sql-only-in-stores",
    "SQL lives in store.ts, where audit entries ride the same transaction.",
    { path: "^server/", pathNot: [STORE, "^server/(kernel|journal|boot)/", TEST] },
    { path: "(^drizzle/|node_modules/(drizzle-orm|postgres|pg)/)" },
  ),
  rule(
    "mqtt-only-in-its-kit",
    "One place connects, reconnects and limits.",
    { path: "^server/", pathNot: ["^server/mqtt/", TEST] },
    { path: "node_modules/(mqtt|mqtt-packet|aedes[^/]*)/" },
  ),
  rule(
    "graphql-only-at-the-edge",
    "Use cases do not know GraphQL.",
    { path: "^server/", pathNot: ["^server/(graphql|boot)/", GRAPHQL, TEST] },
    { path: "node_modules/(graphql|graphql-yoga|graphql-ws|@graphql-yoga/[^/]+|@pothos/[^/]+|dataloader)/" },
  ),
];

/**
 * Floors of `dashboard/src/lib/`, lowest first. From `locks` on they are domains that others show parts of: rows of locks
 * and events, a door and the way to it, an opening, a block. Above them stand what is of one domain each, and the frame.
 */
export const DASHBOARD_FLOORS = [
  ...["machine", "tokens", "format", "keys", "ui", "graphql", "live", "viewer"],
  ...["locks", "feed", "path", "opening", "blocking"],
] as const;
const DASHBOARD_LOW = DASHBOARD_FLOORS.join("|");

const DASHBOARD_RULES = [
  ...DASHBOARD_FLOORS.map((floor, index) => {
    const below = DASHBOARD_FLOORS.slice(0, index + 1).map((each) => `^dashboard/src/lib/${each}/`);
    return rule(
      `dashboard-${floor}-stays-below`,
      `lib/${floor} may import only: ${DASHBOARD_FLOORS.slice(0, index).join(", ") || "nothing in lib"}.`,
      { path: `^dashboard/src/lib/${floor}/`, pathNot: TEST },
      { path: "^dashboard/src/(lib|routes)/", pathNot: below },
    );
  }),
  rule(
    "dashboard-domains-apart",
    "Only routes/ compose two domains.",
    { path: `^dashboard/src/lib/(?!(?:${DASHBOARD_LOW})/)([^/]+)/`, pathNot: TEST },
    {
      path: `^dashboard/src/(lib|routes)/`,
      pathNot: ["^dashboard/src/lib/$1/", `^dashboard/src/lib/(${DASHBOARD_LOW})/`],
    },
  ),
];

const EVERYWHERE_RULES = [
  rule("no-file-cycle", "Files that import each other can't be read one at a time.", {}, { circular: true }),
  rule("not-to-test", "What ships never imports a test or its harness.", { pathNot: TEST }, { path: TEST }),
  rule(
    "no-test-tool-in-production",
    "What ships does not need the tools of its tests.",
    { path: `^(${WORKSPACES})/`, pathNot: TEST },
    { path: "node_modules/(vitest|@vitest/[^/]+|fast-check|graphql-http)/" },
  ),
  rule(
    "no-unresolvable",
    "Every import leads to a file. Kit makes some when it builds, and icons are found by the bundler.",
    {},
    { couldNotResolve: true, pathNot: ["^\\$app/", "^\\./\\$types$", "^@lucide/svelte/icons/", "^#(messages|locale)"] },
  ),
];

/** Rules on every file, tests included. */
export const FILE_RULES: readonly Rule[] = [
  ...WORKSPACE_RULES,
  ...FLOOR_RULES,
  ...SERVER_RULES,
  ...DASHBOARD_RULES,
  ...EVERYWHERE_RULES,
];

/** Rules on folders, judged without tests: a test of a low folder may well use the harness above it. */
export const FOLDER_RULES: readonly Rule[] = [
  {
    ...rule(
      "no-folder-cycle",
      "A check of files alone misses folders that need each other.",
      { path: `^(${WORKSPACES})/` },
      { circular: true },
    ),
    scope: "folder",
  },
];
