import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{schema,drizzle,server,lock-sim}/**/*.test.ts", "*.test.ts", ".ci/**/*.test.ts"],
    globalSetup: ["server/simulation/postgres.ts"],
    // Real brokers, real disks and key generation on a busy machine with two cores.
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
