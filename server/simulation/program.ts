import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { programFile } from "../kernel/program.ts";

const TEST_HUB = fileURLToPath(new URL("./hub-main.ts", import.meta.url));

/** A program that tests start as a process of its own. */
type TestedProgram = "portner" | "simulator" | "test-hub";

/** The file to start it from: its bundle in the folder that `PORTNER_TEST_BUNDLES` names, else its source. */
export function testedProgramFile(program: TestedProgram): string {
  const bundles = process.env["PORTNER_TEST_BUNDLES"];
  if (bundles !== undefined) return join(bundles, `${program}.mjs`);
  return program === "test-hub" ? TEST_HUB : programFile(program);
}
