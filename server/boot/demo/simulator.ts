import { spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { PortnerError } from "../../kernel/errors.ts";
import { programFile } from "../../kernel/program.ts";
import { CHECKOUT } from "../checkout.ts";
import { within } from "../shutdown.ts";
import type { Part } from "./keep-running.ts";

/** Locks say goodbye to the broker and sync their flash; whatever takes longer is ended by force, as by a power cut. */
const STOP_MS = 8_000;

/** A line that a simulator prints. */
export interface SimulatorLine {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What a simulator is started with. */
export interface SimulatorOptions {
  readonly args: readonly string[];
  /** File that takes what it says of failures. */
  readonly log: string;
  readonly onLine: (line: SimulatorLine) => void;
  /** What it is told, a line each, once it says that it is ready. */
  readonly ordersWhenReady: readonly object[];
}

/**
 * Starts a simulator as a process of its own. It hangs on our end of its standard input, so that it ends with us however
 * we end, and it is in a session of its own, so that Ctrl-C reaches it only through us.
 */
export async function startSimulator({ args, log, onLine, ordersWhenReady }: SimulatorOptions): Promise<Part> {
  const output = await open(log, "a", 0o600);
  const child = spawn(process.execPath, [programFile("simulator"), ...args, "--tied"], {
    cwd: CHECKOUT,
    detached: true,
    stdio: ["pipe", "pipe", output.fd],
  });
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  await output.close();
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new PortnerError("SIMULATOR_NOT_STARTED", "a simulator has no pipes");
  // A simulator that ends before its standard input does breaks the pipe; that it ended is seen elsewhere.
  stdin.on("error", () => undefined);
  createInterface({ input: stdout }).on("line", (text) => {
    const line = readLine(text);
    if (line === undefined) return;
    onLine(line);
    if (line.event === "ready") for (const order of ordersWhenReady) stdin.write(`${JSON.stringify(order)}\n`);
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    if (!(await within(STOP_MS, exited))) child.kill("SIGKILL");
    await exited;
  };
  return { exited, stop };
}

function readLine(text: string): SimulatorLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

function isLine(value: unknown): value is SimulatorLine {
  return typeof value === "object" && value !== null && "event" in value && typeof value.event === "string";
}
