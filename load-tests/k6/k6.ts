import { ENVIRONMENT } from "../process/environment.ts";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rename, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LoadError } from "../fault.ts";
import { findGo } from "./go.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const MODULE = "go.k6.io/k6/v2";
/** What a k6 of ours may not do: bring extensions from elsewhere, or tell anybody that it runs. */
const QUIET = { K6_AUTO_EXTENSION_RESOLUTION: "false", K6_NO_USAGE_REPORT: "true" };

/** The version that `go.mod` names. */
async function wantedVersion(): Promise<string> {
  const text = await readFile(join(HERE, "go.mod"), "utf8");
  const version = new RegExp(`${MODULE.replaceAll(".", "\\.")} v([0-9.]+)`).exec(text)?.[1];
  if (version === undefined) throw new LoadError("K6_UNNAMED", "load-tests/k6/go.mod names no version of k6");
  return version;
}

/** What is built and fetched is kept here, once for all checkouts of a machine. */
const CACHE = join(ENVIRONMENT["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "portner");

/**
 * The k6 to run: one that was built before, one of the right version on the PATH, or one built now from the Go module
 * proxy with the checksums of `go.sum`, which takes minutes. Throws LoadError `GO_MISSING` where no Go can be had either.
 */
export async function findK6(tell: (sentence: string) => void): Promise<string> {
  const version = await wantedVersion();
  const folder = join(CACHE, `k6-${version}`);
  const built = join(folder, "k6");
  if (await isFile(built)) return built;
  if (versionOf("k6") === version) return "k6";
  await mkdir(folder, { recursive: true });
  const go = await findGo(CACHE, tell);
  tell(`building k6 ${version}, once a machine; this takes some minutes`);
  await build(go, built);
  return built;
}

async function build(program: string, target: string): Promise<void> {
  const unfinished = `${target}.${process.pid}`;
  const args = ["build", "-trimpath", "-ldflags=-s -w", "-o", unfinished, MODULE];
  const go = spawn(program, args, { cwd: HERE, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(go, "exit");
  if (code !== 0)
    throw new LoadError("K6_NOT_BUILT", `Go could not build k6: \`go build ${MODULE}\` in load-tests/k6 says why`);
  await rename(unfinished, target);
}

function versionOf(program: string): string | undefined {
  const told = spawnSync(program, ["version"], { encoding: "utf8", env: { ...ENVIRONMENT, ...QUIET } });
  return /v([0-9.]+)/.exec(told.stdout ?? "")?.[1];
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Runs a scenario; its file is one of `load-tests/scenarios`. Gives the summary's metrics. Throws LoadError `SCENARIO_FAILED`. */
export async function runScenario(
  k6: string,
  scenario: string,
  order: { readonly data: string; readonly summary: string; readonly settings?: Readonly<Record<string, string>> },
): Promise<unknown> {
  const script = join(HERE, "..", "scenarios", `${scenario}.ts`);
  const args = ["run", "--quiet", "--no-color", "--summary-mode=compact", `--summary-export=${order.summary}`, script];
  const environment = { ...ENVIRONMENT, ...QUIET, ...order.settings, PORTNER_LOAD_DATA: order.data };
  const child = spawn(k6, args, { stdio: ["ignore", "pipe", "pipe"], env: environment });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new LoadError("SCENARIO_FAILED", `scenario \`${scenario}\` ended with ${code}:\n${output}`);
  return JSON.parse(await readFile(order.summary, "utf8"));
}
