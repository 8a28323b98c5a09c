import { chmod, mkdir, open, readFile, rename } from "node:fs/promises";
import { isCode } from "./postgres-binaries.ts";

/** Makes a folder that only its owner can enter, whatever was there or the process's mask says. */
export async function privateFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
  return path;
}

/** Makes a folder that only its owner can enter; one that stands keeps the group and rights that its operator gave it. */
export async function ownFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Replaces a file that only its owner can read in one step: after a loss of power it is the old one or the new. */
export async function writePrivate(path: string, content: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(content, "utf8");
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

/** A file's text; `undefined` when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (isCode(cause, "ENOENT")) return undefined;
    throw cause;
  }
}
