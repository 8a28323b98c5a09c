import { svelte } from "@sveltejs/vite-plugin-svelte";
import { configDefaults, defineConfig } from "vitest/config";

/** Needs neither Postgres nor a broker, so one run is enough whatever parts the others run on. */
const PLAIN = [".ci/**/*.test.ts", "*.test.ts", "{schema,lock-sim}/**/*.test.ts"];
/** Modules with runes, which the compiler of components reads first. */
const RUNES = ["dashboard/src/**/*.test.ts"];
/** Real disks, brokers, databases, hubs and locks as processes, and nothing measured by time. */
const FIRMWARE = ["lock-sim/bench/*.test.ts"];
const STORED = ["{drizzle,server}/**/*.test.ts"];
/** Tests that choose their parts themselves: the same whatever parts the other tests run on. */
const EMBEDDED = [
  "server/boot/{cli,embedded-postgres,external-parts}.test.ts",
  "server/boot/demo/*.test.ts",
  "server/mqtt/embedded-broker.test.ts",
  "load-tests/**/*.test.ts",
];
const WHOLE = [
  "server/simulation/*.test.ts",
  "server/mqtt/*.test.ts",
  "server/boot/**/*.test.ts",
  "lock-sim/run/*.test.ts",
];
/** Traffic as dense as the machine can make it, hubs that are killed and raced, databases that are cut off and come back. */
const SIEGES = [
  "server/simulation/{hub-kills,late-tail,subscriber-kills,replayed-commands,broker-away}.e2e.test.ts",
  "server/simulation/{postgres-away,api-privacy}.e2e.test.ts",
];
/** What waits for the limits of our own connections and answers: long, and the same whatever parts it runs on. */
const WAITS = [
  "server/kernel/silent-{database,tls}.test.ts",
  "server/simulation/{late-ask,postgres-silent,simulator-kill}.e2e.test.ts",
];
/** Pages in Chromium, each file with a hub and a town of its own. */
const SCREENS = ["dashboard/e2e/*.test.ts"];

interface Group {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** Files that run at the same time. */
const together = ({ name, include, exclude = [] }: Group, groupOrder: number) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: [...configDefaults.exclude, ...exclude],
    sequence: { groupOrder },
  },
});

/**
 * Files in processes that others ran in before: nothing here lives at module level, and loading the server anew for each
 * of a hundred files took a third of their time.
 */
const inSharedProcesses = (group: Group, groupOrder: number) => {
  const { test, ...others } = together(group, groupOrder);
  return { ...others, test: { ...test, isolate: false } };
};

/** Files that run one after another: two at once on two cores would only starve each other of their deadlines. */
const inTurn = ({ name, include, exclude = [] }: Group, groupOrder: number) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: [...configDefaults.exclude, ...exclude],
    fileParallelism: false,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  // As Node finds it: otherwise graphql is loaded twice, from its `module` for us and from its `main` for its users.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    // All cores: by default one is left free, which is half of two.
    maxWorkers: "100%",
    globalSetup: ["server/simulation/postgres.ts"],
    // Real brokers, real disks and key generation on a busy machine with two cores.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      inSharedProcesses({ name: "plain", include: PLAIN, exclude: [...FIRMWARE, "lock-sim/run/**"] }, 0),
      { ...together({ name: "runes", include: RUNES }, 0), plugins: [svelte({ configFile: false })] },
      inSharedProcesses({ name: "stored", include: STORED, exclude: [...WHOLE, ...EMBEDDED, ...WAITS] }, 0),
      inTurn({ name: "firmware", include: FIRMWARE }, 1),
      together({ name: "embedded", include: EMBEDDED }, 2),
      together({ name: "whole", include: WHOLE, exclude: [...EMBEDDED, ...SIEGES, ...WAITS] }, 2),
      together({ name: "waits", include: WAITS }, 2),
      inTurn({ name: "sieges", include: SIEGES }, 3),
      together({ name: "screens", include: SCREENS }, 4),
    ],
  },
});
