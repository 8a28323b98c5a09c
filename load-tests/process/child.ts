import { ENVIRONMENT } from "./environment.ts";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { LoadError } from "../fault.ts";

/** A part that does not start within this on a busy machine does not start at all. */
const START_MS_MAX = 240_000;
/** What does not end by itself within this is ended by force. */
const STOP_MS_MAX = 20_000;
/** Linux counts a process's time in ticks of this length. */
const TICK_MICROSECONDS = 10_000;

/** A process of our own. */
export interface Child {
  readonly pid: number;
  /** Hears every line that it prints from now on. */
  onLine(hear: (line: string) => void): void;
  send(message: string): void;
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<void>;
}

/** A child that runs, and the line by which it said so. */
export interface Started {
  readonly child: Child;
  readonly match: RegExpExecArray;
}

/** Starts a program and waits for a line of its output that matches. Throws LoadError `NOT_STARTED`. */
export async function startProgram(
  command: readonly [string, ...string[]],
  options: {
    readonly ready: RegExp;
    readonly environment?: Readonly<Record<string, string>>;
    readonly detached?: boolean;
  },
): Promise<Started> {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...ENVIRONMENT, ...options.environment },
    detached: options.detached ?? false,
  });
  const listeners = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    for (const hear of listeners) hear(line);
  });
  const match = await readyLine(child, listeners, options.ready).catch(async (error: unknown) => {
    await stop(child, "SIGINT");
    throw error;
  });
  return {
    match,
    child: {
      pid: child.pid ?? 0,
      onLine: (hear) => void listeners.add(hear),
      send: (message) => void child.stdin.write(`${message}\n`),
      stop: (signal = "SIGTERM") => stop(child, signal),
    },
  };
}

function readyLine(
  child: ChildProcess,
  listeners: Set<(line: string) => void>,
  ready: RegExp,
): Promise<RegExpExecArray> {
  const found = Promise.withResolvers<RegExpExecArray>();
  const name = child.spawnargs.slice(0, 3).join(" ");
  const fail = (why: string): void => found.reject(new LoadError("NOT_STARTED", `\`${name}\` ${why}`));
  const timer = setTimeout(() => fail("did not get ready"), START_MS_MAX);
  const hear = (line: string): void => {
    const match = ready.exec(line);
    if (match !== null) found.resolve(match);
  };
  listeners.add(hear);
  child.once("error", (error) => fail(error.message));
  child.once("exit", (code) => fail(`ended with ${code}`));
  return found.promise.finally(() => {
    clearTimeout(timer);
    listeners.delete(hear);
  });
}

async function stop(child: ChildProcess, signal: "SIGTERM" | "SIGINT"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await exited;
  clearTimeout(force);
}

/** Starts a TypeScript file of ours that prints `ready <something>`; `order` is its one argument, as JSON. */
export function startOwn(file: string, order: object): Promise<Started> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  // As the hub's bundle has it: a peer that checks its own use, value by value, would be no measure.
  const environment = { NODE_ENV: "production" };
  const tied = new URL("./tied.ts", import.meta.url).href;
  return startProgram([process.execPath, "--import", tied, path, JSON.stringify(order)], {
    ready: /^ready (.*)$/,
    environment,
  });
}

/** Processor time that a process has used so far, in microseconds; Linux only. */
export async function cpuMicroseconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROSECONDS;
}

/** Memory that a process holds, in bytes; Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1_024;
}
