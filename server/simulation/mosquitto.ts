import { spawn } from "node:child_process";
import { PortnerError } from "../kernel/errors.ts";
import { pollUntil } from "./poll.ts";
import { answers } from "./ports.ts";

const START_MS = 10_000;
/** What is kept of Mosquitto's own words, for the message of a failed start. */
const SAID_CHARACTERS_MAX = 2_000;

/** A broker that a test needs is missing or did not start. */
export class TestBrokerError extends PortnerError {
  override readonly name = "TestBrokerError";
}

/** A running Mosquitto. */
export type MosquittoProcess = { readonly pid: number; readonly exited: Promise<void> };

/** Mosquitto started as root would drop to an account of its own, which can't read a test's folder. */
export function mosquittoAccount(): { account?: string } {
  return process.getuid?.() === 0 ? { account: "root" } : {};
}

/** Starts Mosquitto and waits until it listens; throws `MOSQUITTO_MISSING` or `TEST_BROKER_FAILED`. */
export async function startMosquittoProcess(confPath: string, port: number): Promise<MosquittoProcess> {
  const child = spawn("mosquitto", ["-c", confPath], {
    stdio: ["ignore", "ignore", "pipe"],
    // Debian keeps it where only root's path leads.
    env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/local/sbin` },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-SAID_CHARACTERS_MAX);
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const missing = new Promise<void>((resolve) => child.once("error", () => resolve()));
  const gone = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const started = await Promise.race([missing, pollUntil(async () => gone() || (await answers(port)), START_MS)]);
  const { pid } = child;
  if (pid === undefined) {
    throw new TestBrokerError("MOSQUITTO_MISSING", "this test needs Mosquitto: apt-get install -y mosquitto");
  }
  if (gone() || started === false) {
    child.kill("SIGKILL");
    throw new TestBrokerError("TEST_BROKER_FAILED", `Mosquitto did not start: \`${said.trim()}\``);
  }
  return { pid, exited };
}
