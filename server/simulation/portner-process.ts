import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { PortnerError } from "../kernel/errors.ts";
import { pollUntil } from "./poll.ts";
import { testedProgramFile } from "./program.ts";

/** A `portner` process, from its command line to its exit. */
export interface PortnerProcess {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  readonly output: { stdout: string; stderr: string };
  /** Resolves when standard output holds a match; throws with all output when it doesn't in time. */
  untilPrinted(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Resolves with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>;
}

/** Starts `portner` with these arguments in an environment that names nothing but `environment`. */
export function startPortner(args: readonly string[], environment: Record<string, string> = {}): PortnerProcess {
  const inherited = Object.fromEntries(["PATH", "HOME", "TMPDIR"].map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [testedProgramFile("portner"), ...args], {
    env: { ...inherited, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const ended = once(child, "close").then(() => child.exitCode ?? child.signalCode ?? "unknown");
  const untilPrinted = async (pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray> => {
    const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
    await pollUntil(() => pattern.test(output.stdout) || hasEnded(), timeoutMs);
    const found = pattern.exec(output.stdout);
    if (found !== null) return found;
    throw new PortnerError("NOT_PRINTED", `no ${pattern} in\n${output.stdout}\n${output.stderr}`);
  };
  return { child, output, untilPrinted, ended };
}

/** Runs `portner` to its end. */
export async function runPortner(args: readonly string[], environment: Record<string, string> = {}) {
  const { ended, output } = startPortner(args, environment);
  return { code: await ended, ...output };
}

/** All processes that descend from this one, by Linux's `/proc`. */
export function descendantsOf(pid: number): number[] {
  const parents = new Map(processIds().map((each) => [each, parentOf(each)]));
  const found = new Set([pid]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [each, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(each);
  }
  return [...found].filter((each) => each !== pid);
}

/** Which of these processes live. A zombie that nobody collects is dead. */
export function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => !/^(Z|X|)$/.test(statusOf(pid)[0] ?? ""));
}

/** A process's command line; empty when it is gone. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

function processIds(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isSafeInteger);
}

function parentOf(pid: number): number | undefined {
  const parent = Number(statusOf(pid)[1]);
  return Number.isSafeInteger(parent) ? parent : undefined;
}

// Fields after the program's name, which stands in parentheses and may itself hold any character.
function statusOf(pid: number): string[] {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [""];
  }
}
