import { REPOSITORY } from "./command.ts";
import { breachesIn } from "./house-rules.ts";

const ADVICE = {
  "floating-promise": "await it, return it, or handle its failure",
  "module-state": "keep state in an object that is handed in",
  "unasked-time-or-chance": "take time and chance from the clock and the random source that are handed in",
} as const;

const breaches = breachesIn(REPOSITORY.replace(/\/$/, ""));
for (const { rule, place } of breaches) console.log(`${place}: ${rule}; ${ADVICE[rule]}`);
process.exitCode = breaches.length === 0 ? 0 : 1;
