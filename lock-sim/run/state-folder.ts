import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SimulatorError } from "../ground/fault.ts";

const HOLDER_FILE = "simulator.pid";

async function isSimulator(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    // A number may have gone to another program since; where that can be seen, it is looked at.
    return (await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("lock-sim");
  } catch {
    return process.platform !== "linux";
  }
}

/**
 * Takes a state folder for this process: two simulators writing one flash would be two locks with one key. Throws
 * `STATE_IN_USE`. Resolves with what gives the folder back.
 */
export async function takeStateFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, HOLDER_FILE);
  await mkdir(folder, { recursive: true });
  const holder = Number(await readFile(file, "utf8").catch(() => "0"));
  if (holder > 0 && holder !== process.pid && (await isSimulator(holder))) {
    throw new SimulatorError("STATE_IN_USE", `\`${folder}\` is in use by process ${holder}`);
  }
  await writeFile(file, String(process.pid));
  return () => rm(file, { force: true });
}
