import { configDefaults, defineConfig } from "vitest/config";

const TESTS = ["{schema,drizzle,server,lock-sim}/**/*.test.ts", "*.test.ts", ".ci/**/*.test.ts"];
const WHOLE = [
  "server/simulation/*.test.ts",
  "server/mqtt/*.test.ts",
  "server/boot/**/*.test.ts",
  "lock-sim/{bench,run}/*.test.ts",
];

export default defineConfig({
  // As Node finds it: otherwise graphql is loaded twice, from its `module` for us and from its `main` for its users.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    globalSetup: ["server/simulation/postgres.ts"],
    // Real brokers, real disks and key generation on a busy machine with two cores.
    testTimeout: 20_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: TESTS,
          exclude: [...configDefaults.exclude, ...WHOLE],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Each of these starts brokers, databases, hubs and locks as processes and measures nothing by time; two at once
        // on two cores would only starve each other of their deadlines.
        extends: true,
        test: { name: "whole", include: WHOLE, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
