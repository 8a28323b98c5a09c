import { open, rename, rm } from "node:fs/promises";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

/** Permission bits of a file that another account's process may have to read through its group. */
export type FileMode = 0o600 | 0o640;

/**
 * Replaces a file in one step: readers see the old content or the new, also after a loss of power. The folder must
 * exist; rejects with the system's error when it can't be written.
 */
export async function replaceFile(path: string, content: string, deps: { mode: FileMode; random: Random }) {
  const draft = `${path}.${newId(deps.random)}.draft`;
  try {
    const file = await open(draft, "wx", deps.mode);
    try {
      await file.writeFile(content, "utf8");
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
}
