import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { globSync, readFileSync, statSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pause, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { CHECKOUT } from "./checkout.ts";

const DASHBOARD = join(CHECKOUT, "dashboard");
const VITE = join(CHECKOUT, "node_modules/vite/bin/vite.js");
/** The handler that the build leaves behind, for a node:http server. */
export const HANDLER = join(DASHBOARD, "build/handler.js");
const STAMP = join(DASHBOARD, "build/stamp");
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

/** Whether what is built is what the sources say. */
export async function isDashboardBuilt(): Promise<boolean> {
  return (await readStamp()) === sourcesStamp();
}

/**
 * Builds the dashboard where it is missing or older than its sources; of several processes one builds and the others
 * wait for it. Throws DashboardBuildError.
 */
export async function ensureDashboardBuilt(clock: Clock): Promise<void> {
  while (!(await isDashboardBuilt())) {
    if (await claim()) {
      try {
        await build();
      } finally {
        await rm(BUILDING, { force: true });
      }
      return;
    }
    await pause(clock, LOOK_AGAIN_MS);
  }
}

async function build(): Promise<void> {
  const stamp = sourcesStamp();
  const child = spawn(process.execPath, [VITE, "build", "--logLevel", "warn"], {
    cwd: DASHBOARD,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => output.push(text));
  }
  await once(child, "close");
  if (child.exitCode !== 0) throw new DashboardBuildError(output.join(""));
  await writeFile(STAMP, stamp);
}

async function readStamp(): Promise<string | undefined> {
  return readFile(STAMP, "utf8").catch(() => undefined);
}

function sourcesStamp(): string {
  const hash = createHash("sha256");
  for (const name of globSync(SOURCES, { cwd: CHECKOUT }).toSorted()) {
    const path = join(CHECKOUT, name);
    if (!statSync(path).isFile()) continue;
    hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest("hex");
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
