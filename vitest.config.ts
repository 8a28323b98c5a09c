import { svelte } from "@sveltejs/vite-plugin-svelte";
import { configDefaults, defineConfig } from "vitest/config";

/** Needs neither Postgres nor a broker, so one run is enough whatever parts the others run on. */
const PLAIN = [".ci/**/*.test.ts", "*.test.ts", "{schema,lock-sim}/**/*.test.ts"];
/** Modules with runes, which the compiler of components reads first. */
const RUNES = ["dashboard/src/**/*.test.ts"];
/** Real disks, brokers, databases, hubs and locks as processes, and nothing measured by time. */
const FIRMWARE = ["lock-sim/bench/*.test.ts"];
const STORED = ["{drizzle,server}/**/*.test.ts"];
/** The parts that come with Portner: the same whatever parts the other tests run on. */
const EMBEDDED = [
  "server/boot/{cli,embedded-postgres}.test.ts",
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
/** The pages' main ways, by which the flow of `npm test` tells whether they still go. */
const SCREENS = ["dashboard/e2e/{frame,opening,block}.test.ts"];
/** Everything else about pages; a quarter of an hour more, run by hand: `vitest run --project more-screens`. */
const MORE_SCREENS = ["dashboard/e2e/*.test.ts"];

interface Group {
  readonly name: string;
  readonly include: readonly string[];
  readonly exclude?: readonly string[];
}

/** Files that run at the same time. */
const together = ({ name, include, exclude = [] }: Group) => ({
  extends: true as const,
  test: {
    name,
    include: [...include],
    exclude: [...configDefaults.exclude, ...exclude],
    sequence: { groupOrder: 0 },
  },
});

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
      together({ name: "plain", include: PLAIN, exclude: [...FIRMWARE, "lock-sim/run/**"] }),
      { ...together({ name: "runes", include: RUNES }), plugins: [svelte({ configFile: false })] },
      together({ name: "stored", include: STORED, exclude: [...WHOLE, ...EMBEDDED] }),
      inTurn({ name: "firmware", include: FIRMWARE }, 1),
      inTurn({ name: "embedded", include: EMBEDDED }, 2),
      inTurn({ name: "whole", include: WHOLE, exclude: EMBEDDED }, 3),
      inTurn({ name: "screens", include: SCREENS }, 4),
      inTurn({ name: "more-screens", include: MORE_SCREENS, exclude: SCREENS }, 5),
    ],
  },
});
