import { readFileSync } from "node:fs";
import { link, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { isCode } from "./postgres-binaries.ts";

/** Whether a process with this number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Where nobody collects orphans, as in many containers, an ended process stays behind as a zombie.
    return statusFields(pid)[0] !== "Z";
  } catch (cause) {
    return isCode(cause, "EPERM");
  }
}

/** Others may take and give back a claim meanwhile; so often in a row is nobody overtaken. */
const TRIES_MAX = 50;
/** Removing a file takes a moment; who holds the right to it for longer has died. */
const REMOVING_MS_MAX = 10_000;
const REMOVING_POLL_MS = 5;
/** What file systems say that know no hard links. */
const NO_LINKS = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"];

/**
 * Claims the folder for this process. Throws `FOLDER_IN_USE` while another living process holds it; a claim whose
 * process is gone, or whose number was given to another process since, is taken over.
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "owner");
  const mine = identityOf(process.pid);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if (await makeWhole(file, mine)) return () => release(file, mine);
    const holder = await readFile(file, "utf8").catch(() => undefined);
    if (holder === undefined) continue;
    const pid = Number(holder.split(" ")[0]);
    if (pid > 0 && isAlive(pid) && identityOf(pid) === holder) break;
    await removeDead(file, holder);
  }
  throw new PortnerError("FOLDER_IN_USE", `another process already runs on \`${folder}\``);
}

// The start time tells a process from a later one with the same number; where /proc is missing the number must do.
function identityOf(pid: number): string {
  return `${pid} ${statusFields(pid)[19] ?? ""}`;
}

// Fields after the program's name, which stands in parentheses and may itself hold any character.
function statusFields(pid: number): string[] {
  const status = readProcessFile(pid, "stat");
  return status.slice(status.lastIndexOf(")") + 2).split(" ");
}

/** Gives a claim back, unless it is somebody else's by now. */
async function release(file: string, mine: string): Promise<void> {
  const holder = await readFile(file, "utf8").catch(() => undefined);
  if (holder === mine) await rm(file, { force: true });
}

/**
 * Takes a dead claim out of the way. One process at a time, and only while it is still the dead one: a new claim, made
 * meanwhile, must not go with it.
 */
async function removeDead(file: string, holder: string): Promise<void> {
  const removing = `${file}.removing`;
  try {
    await mkdir(removing);
  } catch (cause) {
    if (!isCode(cause, "EEXIST")) throw cause;
    // Somebody else is at it, or died at it.
    const since = await stat(removing).catch(() => undefined);
    if (since !== undefined && systemClock.now() - since.mtimeMs > REMOVING_MS_MAX)
      await rm(removing, { recursive: true, force: true });
    else await delay(REMOVING_POLL_MS);
    return;
  }
  try {
    if ((await readFile(file, "utf8").catch(() => undefined)) === holder) await rm(file, { force: true });
  } finally {
    await rm(removing, { recursive: true, force: true });
  }
}

/** Makes a file with its text in one go, so that nobody meets an empty one; `false` where there is one already. */
async function makeWhole(file: string, text: string): Promise<boolean> {
  const drafts = await mkdtemp(`${file}-`);
  try {
    const draft = join(drafts, "draft");
    await writeFile(draft, text);
    await link(draft, file).catch((cause: unknown) => {
      if (!NO_LINKS.some((code) => isCode(cause, code))) throw cause;
      return writeFile(file, text, { flag: "wx" });
    });
    return true;
  } catch (cause) {
    if (isCode(cause, "EEXIST")) return false;
    throw cause;
  } finally {
    await rm(drafts, { recursive: true, force: true });
  }
}

/** What /proc says of a process; empty where it says nothing. */
export function readProcessFile(pid: number, name: "cmdline" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
