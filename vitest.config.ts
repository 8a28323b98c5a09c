import { defineConfig } from "vitest/config";

export default defineConfig({
  // As Node finds it: otherwise graphql is loaded twice, from its `module` for us and from its `main` for its users.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["{schema,drizzle,server,lock-sim}/**/*.test.ts", "*.test.ts", ".ci/**/*.test.ts"],
    globalSetup: ["server/simulation/postgres.ts"],
    // Real brokers, real disks and key generation on a busy machine with two cores.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
