import { readFileSync } from "node:fs";
import { link, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/**
 * Claims the folder for this process. Throws `FOLDER_IN_USE` while another living process holds it; a claim whose
 * process is gone, or whose number was given to another process since, is taken over.
 */
export async function claimFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "owner");
  const mine = identityOf(process.pid);
  for (let tries = 0; tries < 3; tries += 1) {
    if (await linkWhole(file, mine)) return () => rm(file, { force: true });
    const holder = await readFile(file, "utf8").catch(() => "");
    const pid = Number(holder.split(" ")[0]);
    if (pid > 0 && isAlive(pid) && identityOf(pid) === holder) break;
    await rm(file, { force: true });
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

/** Makes a file with its text in one go, so that nobody meets an empty one; `false` where there is one already. */
async function linkWhole(file: string, text: string): Promise<boolean> {
  const drafts = await mkdtemp(`${file}-`);
  try {
    const draft = join(drafts, "draft");
    await writeFile(draft, text);
    await link(draft, file);
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
