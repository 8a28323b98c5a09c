import { join } from "node:path";
import { pageBytes } from "./bundle-weight.ts";
import { REPOSITORY, runQuietly } from "./command.ts";

const DASHBOARD = join(REPOSITORY, "dashboard");
/** A hotline's page works within a second on a slow line and an old machine. */
const HOTLINE_BYTES_MAX = 120_000;
const HOTLINE = ["+layout", "(app)/+layout", "(app)/+page"];

const steps = [
  ["types of routes, messages and the API", "node", ["dashboard/sync.ts"]],
  ["svelte-check", "svelte-check", ["--workspace", "dashboard", "--tsconfig", "tsconfig.json", "--fail-on-warnings"]],
  ["build", "node", ["server/boot/build-dashboard.ts"]],
] as const;

for (const [name, command, args] of steps) {
  const { isOk, output } = await runQuietly(command, args);
  if (isOk) continue;
  console.log(`${name}:\n${output}`);
  process.exitCode = 1;
}
if (process.exitCode === undefined) {
  const bytes = pageBytes(DASHBOARD, HOTLINE);
  console.log(`the hotline's page loads ${bytes} bytes of gzipped JavaScript, of ${HOTLINE_BYTES_MAX} at most`);
  if (bytes > HOTLINE_BYTES_MAX) process.exitCode = 1;
}
