import { spawnSync } from "node:child_process";
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
export function runQuietly(command: string, args: readonly string[]): Outcome {
  const done = spawnSync(command, args, { cwd: REPOSITORY, encoding: "utf8", maxBuffer: OUTPUT_BYTES_MAX });
  const reason = done.error === undefined ? "" : `${done.error.message}\n`;
  return { isOk: done.status === 0, output: `${done.stdout ?? ""}${done.stderr ?? ""}${reason}` };
}

/** Runs a command in the repository with this process's own output; answers whether it succeeded. */
export function runAloud(command: string, args: readonly string[], environment: Record<string, string> = {}): boolean {
  const env = { ...process.env, ...environment };
  return spawnSync(command, args, { cwd: REPOSITORY, stdio: ["ignore", "inherit", "inherit"], env }).status === 0;
}
