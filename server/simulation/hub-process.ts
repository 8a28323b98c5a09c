import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { verifierOfDigest } from "../mqtt/index.ts";
import type { TestBroker, TestCredential } from "./broker.ts";
import { testedProgramFile } from "./program.ts";

const START_MS = 60_000;

/** What a test's hub process is told at its start. */
export const HubOrder = z.object({
  databaseUrl: z.string(),
  brokerUrl: z.string(),
  brokerUser: z.string(),
  brokerSecret: z.string(),
  sealingKey: z.string(),
  port: z.int(),
  heartbeatMs: z.int(),
  /** Pause of its tail before each batch, in milliseconds. */
  tailDelayMs: z.int(),
  listen: z.boolean(),
  /** Every caller's limits times this; 1 where absent. */
  rateLimitFactor: z.number().optional(),
  /** File of the dashboard's handler; absent: no pages are served. */
  dashboard: z.string().optional(),
  logLevel: z.enum(["silent", "warn", "info", "debug"]),
});
/** See {@link HubOrder}. */
export type HubOrder = z.infer<typeof HubOrder>;

/** What a test's hub process says. */
export const HubReport = z.discriminatedUnion("type", [
  z.object({ type: z.literal("open"), port: z.int() }),
  z.object({ type: z.literal("ready") }),
  z.object({
    type: z.literal("credential"),
    call: z.int(),
    lockId: z.string(),
    tenantId: z.string(),
    digest: z.string(),
  }),
]);

/** A real hub in a process of its own, that can be killed. */
export interface HubProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves when it is ready for the first time. */
  ready(): Promise<void>;
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits for the end. */
  stop(): Promise<void>;
}

/**
 * Starts a hub in a process of its own and waits until its port is open; what it needs may be away. The broker learns of
 * locks that it commissions.
 */
export async function openHubProcess(
  order: Omit<HubOrder, "brokerUrl" | "brokerUser" | "brokerSecret">,
  parts: {
    readonly broker: TestBroker;
    readonly credential: TestCredential;
    /** Hears whatever the process prints; absent: it prints beside the test. */
    readonly output?: ((text: string) => void) | undefined;
  },
): Promise<HubProcess> {
  const { broker, credential, output } = parts;
  const prints = output === undefined ? "inherit" : "pipe";
  const child = fork(testedProgramFile("test-hub"), [], { stdio: ["ignore", prints, prints, "ipc"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => output?.(text));
  }
  const full = { ...order, brokerUrl: broker.url, brokerUser: credential.user, brokerSecret: credential.secret };
  const { opened, ready } = hearReports(child, broker);
  child.send(full);
  const port = await opened;
  const exited = once(child, "exit");
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    ready: () => ready,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

function hearReports(child: ChildProcess, broker: TestBroker) {
  const opened = Promise.withResolvers<number>();
  const ready = Promise.withResolvers<void>();
  // Whoever kills a hub before it is ready does not wait for it any more.
  ready.promise.catch(() => undefined);
  const fail = (code: string, message: string): void => {
    cancel();
    const error = new PortnerError(code, message);
    opened.reject(error);
    ready.reject(error);
  };
  const cancel = systemClock.after(START_MS, () => fail("HUB_NOT_READY", "a hub did not get ready"));
  child.once("exit", (code) => fail("HUB_ENDED", `a hub ended with \`${code}\` before it was ready`));
  child.on("message", (message) => {
    const report = HubReport.parse(message);
    if (report.type === "open") opened.resolve(report.port);
    if (report.type === "credential") void passOn(child, broker, report);
    if (report.type !== "ready") return;
    cancel();
    ready.resolve();
  });
  return { opened: opened.promise, ready: ready.promise };
}

async function passOn(
  child: ChildProcess,
  broker: TestBroker,
  { call, lockId, tenantId, digest }: { call: number; lockId: string; tenantId: string; digest: string },
): Promise<void> {
  const verifier = verifierOfDigest(Buffer.from(digest, "base64"));
  await broker.addStored({ user: lockId, role: "lock", tenant: tenantId, verifier });
  if (child.connected) child.send({ call });
}
