import { chmod, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { PortnerError } from "../../kernel/errors.ts";
import { newSecret, derivedId } from "../../kernel/ids.ts";
import type { Random } from "../../kernel/random.ts";
import { claimFolder } from "../folder-claim.ts";
import { privateFolder, readIfThere, writePrivate } from "../private-file.ts";

/** The hub's own key. Its presence says that a folder was made by Portner. */
export const SEALING_KEY_FILE = "sealing.key";
const HUB_SECRET_FILE = "hub.secret";
/** Older logs help nobody; one file of this size is kept beside the current one. */
const LOG_BYTES_MAX = 8 * 1024 * 1024;

/** The folder of the embedded parts, claimed for this process. */
export interface Home {
  readonly folder: string;
  /** 32 bytes in base64url. */
  readonly sealingKey: string;
  /** What the hub connects to the broker with. */
  readonly hubSecret: string;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/**
 * Makes the folder on the first start, readable by its owner only, with random secrets, and claims it. Throws
 * DEMO_RUNNING while another process has it; what a killed process left is taken over.
 */
export async function openHome(folder: string, random: Random): Promise<Home> {
  await privateFolder(folder);
  const release = await claim(folder);
  try {
    const sealingKey = await secretIn(join(folder, SEALING_KEY_FILE), random);
    const hubSecret = await secretIn(join(folder, HUB_SECRET_FILE), random);
    return { folder, sealingKey, hubSecret, release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function claim(folder: string): Promise<() => Promise<void>> {
  try {
    return await claimFolder(folder);
  } catch (cause) {
    if (!(cause instanceof PortnerError) || cause.code !== "FOLDER_IN_USE") throw cause;
    throw new PortnerError("DEMO_RUNNING", `a demo already runs on \`${folder}\`; stop it, or set PORTNER_HOME`, {
      cause,
    });
  }
}

async function secretIn(file: string, random: Random): Promise<string> {
  const standing = await readIfThere(file);
  if (standing !== undefined) {
    await chmod(file, 0o600);
    return standing.trim();
  }
  const secret = newSecret(random);
  await writePrivate(file, `${secret}\n`);
  return secret;
}

/**
 * Folder of everything that belongs to one database: the town, its passwords, locks and phones. Another database gets
 * another folder, so that no lock ever meets a hub that does not know it.
 */
export async function townFolder({ folder }: Home, databaseUrl: string | undefined): Promise<string> {
  if (databaseUrl === undefined) return privateFolder(join(folder, "town"));
  const { host, pathname } = new URL(databaseUrl);
  return privateFolder(join(folder, `town-${derivedId("demo database", host, pathname).slice(0, 8)}`));
}

/** Path of a log in the home; a long one is put aside first. */
export async function logFile({ folder }: Home, name: string): Promise<string> {
  const path = join(folder, `${name}.log`);
  const bytes = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (bytes > LOG_BYTES_MAX) await rename(path, `${path}.1`);
  return path;
}
