import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Every program that runs as a process of its own: its name, and its source from the checkout's folder. */
export const PROGRAMS = {
  portner: "server/boot/cli.ts",
  broker: "server/mqtt/broker-main.ts",
  simulator: "lock-sim/cli.ts",
} as const;

/** Folder of the bundles; only a bundle has it, from its build. */
declare const PORTNER_BUNDLES: string;

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));

/** The file to start a program from: out of a bundle its bundle, out of the source its source. */
export function programFile(program: keyof typeof PROGRAMS): string {
  if (typeof PORTNER_BUNDLES === "string") return join(PORTNER_BUNDLES, `${program}.mjs`);
  return join(CHECKOUT, PROGRAMS[program]);
}
