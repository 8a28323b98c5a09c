import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, globSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pause, type Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { CHECKOUT } from "./checkout.ts";
import { claimFolder } from "./folder-claim.ts";

const DASHBOARD = join(CHECKOUT, "dashboard");
const VITE = join(CHECKOUT, "node_modules/vite/bin/vite.js");
/** Each build has a folder of its own, so that a hub that runs keeps the pages it began with. */
const BUILDS = join(DASHBOARD, "build");
/** Older builds are removed; hubs of a few versions may run beside each other. */
const BUILDS_KEPT = 6;
/** Written into a build when it is whole. */
const WHOLE = "whole";
/** Held by the process that builds; it dies with it. */
const BUILDING = join(DASHBOARD, ".svelte-kit/build-claim");

/** Whatever a build depends on. Content counts, not times: a checkout touches files without changing them. */
const SOURCES = [
  "package-lock.json",
  "schema/**/*.ts",
  "dashboard/{package.json,*.config.ts}",
  "dashboard/{src,messages,static,project.inlang}/**/*",
];
const LOOK_AGAIN_MS = 250;
/** A build takes half a minute on a small machine; one that takes so long hangs, and somebody else may try. */
const BUILD_MS_MAX = 10 * 60_000;

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
    const release = await claim();
    if (release === undefined) {
      await pause(clock, LOOK_AGAIN_MS);
      continue;
    }
    try {
      if (!existsSync(join(folder, WHOLE))) await build(folder);
    } finally {
      await release();
    }
  }
  return join(folder, "handler.js");
}

async function build(folder: string): Promise<void> {
  const child = spawn(process.execPath, [VITE, "build", "--logLevel", "warn"], {
    cwd: DASHBOARD,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: BUILD_MS_MAX,
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

/** Takes the right to build; nothing while another living process has it. */
async function claim(): Promise<(() => Promise<void>) | undefined> {
  await mkdir(BUILDING, { recursive: true });
  try {
    return await claimFolder(BUILDING);
  } catch (error) {
    if (error instanceof PortnerError && error.code === "FOLDER_IN_USE") return undefined;
    throw error;
  }
}
