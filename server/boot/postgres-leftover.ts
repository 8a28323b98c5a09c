import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
// The clock's own timers let the process end meanwhile; an unfinished stop would leave the claim and the data behind.
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import { isAlive, readProcessFile } from "./folder-claim.ts";
import { isCode } from "./postgres-binaries.ts";

/** A fast shutdown writes a checkpoint; on a slow disk that takes seconds, never minutes, for a folder of this size. */
const FAST_STOP_MS = 20_000;
/** An immediate shutdown only ends processes. */
const IMMEDIATE_STOP_MS = 5_000;
const POLL_MS = 20;

/** Parts of `postmaster.pid` that matter here. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

/** Reads `postmaster.pid` of a data folder; nothing when there is none or it is half written. */
export async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, "postmaster.pid"), "utf8").catch(() => "");
  const lines = text.split("\n").map((line) => line.trim());
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3] ?? 0), isReady: lines[7] === "ready" };
}

/**
 * Ends a server that a killed hub left behind on this data folder, and removes a pid file whose number meanwhile
 * belongs to another program, which Postgres itself would take for a running server.
 */
export async function stopLeftover(data: string, deps: { clock: Clock; log: Log }): Promise<void> {
  const postmaster = await readPostmaster(data);
  if (postmaster === undefined) return;
  if (isServerOn(postmaster.pid, data)) {
    deps.log.warn({ pid: postmaster.pid }, "stopping a database server that an earlier run left behind");
    await stopServer(postmaster.pid, deps.clock);
  }
  await untilNoneIn(data, deps.clock);
  await rm(join(data, "postmaster.pid"), { force: true });
}

function isServerOn(pid: number, data: string): boolean {
  if (!existsSync("/proc/self/cmdline")) {
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)])
      .stdout.toString()
      .includes(data);
  }
  return readProcessFile(pid, "cmdline").split("\0").includes(data);
}

/** Ends a server: fast shutdown first, immediate after 20 s, by force after 5 s more. Committed work survives all three. */
export async function stopServer(pid: number, clock: Clock): Promise<void> {
  const steps = [
    { signal: "SIGINT", patienceMs: FAST_STOP_MS },
    { signal: "SIGQUIT", patienceMs: IMMEDIATE_STOP_MS },
    { signal: "SIGKILL", patienceMs: IMMEDIATE_STOP_MS },
  ] as const;
  for (const { signal, patienceMs } of steps) {
    if (!sendSignal(pid, signal)) return;
    const start = clock.monotonic();
    while (clock.monotonic() - start < patienceMs) {
      if (!isAlive(pid)) return;
      await delay(POLL_MS);
    }
  }
  throw new PortnerError("POSTGRES_STUCK", `the database server with process id \`${pid}\` does not end`);
}

// Backends outlive a killed postmaster for a moment and still hold its shared memory.
async function untilNoneIn(data: string, clock: Clock): Promise<void> {
  const start = clock.monotonic();
  while (clock.monotonic() - start < IMMEDIATE_STOP_MS) {
    if (!(await isAnyProcessIn(data))) return;
    await delay(POLL_MS);
  }
  throw new PortnerError("POSTGRES_STUCK", `processes of an earlier database server still use \`${data}\``);
}

async function isAnyProcessIn(data: string): Promise<boolean> {
  const entries = await readdir("/proc").catch(() => []);
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const folder = await readlink(`/proc/${entry}/cwd`).catch(() => "");
    if (folder === data) return true;
  }
  return false;
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (cause) {
    if (isCode(cause, "ESRCH")) return false;
    throw cause;
  }
}
