import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Folder of the repository, with a slash at its end. */
export const REPOSITORY = fileURLToPath(new URL("..", import.meta.url));

/** A linter that prints more than this says nothing anybody reads. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** What became of a command. */
export interface Outcome {
  readonly isOk: boolean;
  /** Standard output and standard error, one after the other. */
  readonly output: string;
}

/** Runs a command of the PATH in the repository and keeps what it says. */
export function runQuietly(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd: REPOSITORY, maxBuffer: OUTPUT_BYTES_MAX }, (error, stdout, stderr) => {
      // A command that ran says itself what is wrong.
      const reason = error === null || typeof error.code === "number" ? "" : `${error.message}\n`;
      resolve({ isOk: error === null, output: `${stdout}${stderr}${reason}` });
    });
  });
}

/** Runs a command in the repository with this process's own output; answers whether it succeeded. */
export function runAloud(command: string, args: readonly string[], environment: Record<string, string> = {}): boolean {
  const env = { ...process.env, ...environment };
  return spawnSync(command, args, { cwd: REPOSITORY, stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}
