import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pause, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { CHECKOUT } from "./checkout.ts";

const DASHBOARD = join(CHECKOUT, "dashboard");
const VITE = join(CHECKOUT, "node_modules/vite/bin/vite.js");
/** Each build has a folder of its own, so that a hub that runs keeps the pages it began with. */
const BUILDS = join(DASHBOARD, "build");
/** Older builds are removed; hubs of a few versions may run beside each other. */
const BUILDS_KEPT = 6;
/** Written into a build when it is whole. */
const WHOLE = "whole";
const BUILDING = join(DASHBOARD, ".svelte-kit/building");

/** Whatever a build depends on. Content counts, not times: a checkout touches files without changing them. */
const SOURCES = [
  "package-lock.json",
  "schema/people/*.ts",
  "dashboard/{package.json,*.config.ts}",
  "dashboard/{src,messages,static,project.inlang}/**/*",
];
const LOOK_AGAIN_MS = 250;

/** Thrown when the dashboard can't be built; the build's own words are in the message. */
export class DashboardBuildError extends PortnerError {
  override readonly name = "DashboardBuildError";

  constructor(output: string) {
    super("DASHBOARD_BUILD", `the dashboard could not be built:\n${output}`);
  }
}

/**
 * Builds the dashboard where no build of its sources is there; of several processes one builds and the others wait for
 * it. Answers with the file of its handler for a node:http server. Throws DashboardBuildError.
 */
export async function ensureDashboardBuilt(clock: Clock): Promise<string> {
  const folder = join(BUILDS, sourcesStamp());
  while (!existsSync(join(folder, WHOLE))) {
    if (await claim()) {
      try {
        await build(folder);
      } finally {
        await rm(BUILDING, { force: true });
      }
    } else await pause(clock, LOOK_AGAIN_MS);
  }
  return join(folder, "handler.js");
}

async function build(folder: string): Promise<void> {
  const child = spawn(process.execPath, [VITE, "build", "--logLevel", "warn"], {
    cwd: DASHBOARD,
    stdio: ["ignore", "pipe", "pipe"],
    // Under a test runner the environment says `test`, and Svelte would be built with its development checks.
    env: { ...process.env, NODE_ENV: "production", PORTNER_DASHBOARD_OUT: folder },
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  await once(child, "close");
  if (child.exitCode !== 0) throw new DashboardBuildError(output.join(""));
  await writeFile(join(folder, WHOLE), "");
  await removeOldBuilds();
}

async function removeOldBuilds(): Promise<void> {
  const builds = readdirSync(BUILDS).map((name) => join(BUILDS, name));
  const newestFirst = builds.toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const old of newestFirst.slice(BUILDS_KEPT)) await rm(old, { recursive: true, force: true });
}

function sourcesStamp(): string {
  const hash = createHash("sha256");
  for (const name of globSync(SOURCES, { cwd: CHECKOUT }).toSorted()) {
    const path = join(CHECKOUT, name);
    if (!statSync(path).isFile() || name.endsWith(".test.ts")) continue;
    hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 16);
}

/** Takes the right to build. One that was left behind by a process that is gone counts for nothing. */
async function claim(): Promise<boolean> {
  await mkdir(join(DASHBOARD, ".svelte-kit"), { recursive: true });
  try {
    await writeFile(BUILDING, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    const owner = Number(await readFile(BUILDING, "utf8").catch(() => "0"));
    if (owner > 0 && !isAlive(owner)) await rm(BUILDING, { force: true });
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
