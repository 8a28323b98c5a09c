import { join } from "node:path";
import { REPOSITORY, runQuietly, type Outcome } from "./command.ts";
import { ensureDebianPackages } from "./debian.ts";
import { EMITTERS, emitAnew, isPresent } from "./emitters.ts";
import { runSuite, type Tally } from "./suite.ts";

interface Check {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** Makes the types that other checks read. */
const DASHBOARD: Check = { name: "dashboard", run: () => runQuietly("node", [".ci/check-dashboard.ts"]) };

const CHECKS: readonly Check[] = [
  { name: "format", run: () => runQuietly("prettier", ["--check", "--log-level=warn", "."]) },
  { name: "lint", run: () => runQuietly("oxlint", ["--deny-warnings"]) },
  { name: "types", run: () => runQuietly("tsc", ["--project", "."]) },
  { name: "floors", run: () => runQuietly("node", [".ci/check-floors.ts"]) },
  { name: "house rules", run: () => runQuietly("node", [".ci/check-house-rules.ts"]) },
  { name: "unused code", run: () => runQuietly("knip", []) },
  ...EMITTERS.filter(isPresent).map((emitter) => ({ name: emitter.name, run: () => emitAnew(emitter) })),
];

const SMOKE: Check = {
  name: "load tests answer rightly",
  run: () => runQuietly("node", ["load-tests/cli.ts", "smoke"]),
};

/** Checks that run at the same time. */
const CHECKS_AT_ONCE = 2;

/** `./portner` has just made them. */
const BUNDLES = { PORTNER_TEST_BUNDLES: join(REPOSITORY, "dist") };

/** What each suite runs on, and the groups of vitest.config.ts in it. The second kills a hub less often than the first, and leaves out the long waits that are the same on any parts. */
const SUITES = [
  {
    name: "everything embedded",
    environment: { PORTNER_TEST_POSTGRES: "embedded", PORTNER_TEST_BROKER: "embedded" },
    groups: ["plain", "runes", "stored", "firmware", "embedded", "whole", "waits", "sieges", "screens"],
  },
  {
    name: "Debian's Postgres and Mosquitto",
    environment: {
      ...{ PORTNER_TEST_POSTGRES: "debian", PORTNER_TEST_BROKER: "mosquitto" },
      ...{ PORTNER_KILLS: "3", PORTNER_OPENINGS: "150", PORTNER_ROUNDS: "3", PORTNER_SUBSCRIBER_KILLS: "20" },
    },
    groups: ["stored", "whole", "sieges"],
  },
];

async function runCheck({ name, run }: Check): Promise<Tally> {
  const outcome = await run();
  console.log(`${outcome.isOk ? "passed" : "FAILED"}  ${name}`);
  if (outcome.isOk) return { passed: 1, failed: 0, faults: [] };
  return { passed: 0, failed: 1, faults: [`${name}\n${outcome.output}`] };
}

async function runChecks(checks: readonly Check[]): Promise<Tally[]> {
  const waiting = [...checks];
  const lane = async (): Promise<Tally[]> => {
    const tallies: Tally[] = [];
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) tallies.push(await runCheck(check));
    return tallies;
  };
  return (await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, lane))).flat();
}

async function runAll(): Promise<Tally[]> {
  if (!ensureDebianPackages()) return [{ passed: 0, failed: 1, faults: ["Debian's packages are missing"] }];
  const checks = [await runCheck(DASHBOARD), ...(await runChecks(CHECKS)), await runCheck(SMOKE)];
  const suites = SUITES.map(({ name, environment, groups }) => {
    console.log(`\nthe suite on ${name}`);
    return runSuite(groups, { ...BUNDLES, ...environment });
  });
  return [...checks, ...suites];
}

const tallies = await runAll();
const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
// Again, at the end: a long log is often kept by its last lines only.
for (const fault of tallies.flatMap((tally) => tally.faults)) console.log(`FAILED  ${fault}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
