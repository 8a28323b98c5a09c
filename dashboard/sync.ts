/** Makes what type checks stand on: compiled messages, the routes' types, and the API's types out of its schema. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compile } from "@inlang/paraglide-js";
import { PARAGLIDE } from "./paraglide.config.ts";

const cwd = fileURLToPath(new URL(".", import.meta.url));
process.chdir(cwd);
await compile(PARAGLIDE);
for (const [command, ...args] of [
  ["svelte-kit", "sync"],
  ["gql.tada", "generate-output"],
] as const) {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exitCode = 1;
}
