import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { verifierOfDigest } from "../mqtt/index.ts";
import type { TestBroker, TestCredential } from "./broker.ts";

const START_MS = 30_000;

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
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits for the end. */
  stop(): Promise<void>;
}

/** Starts a hub in a process of its own and waits until it is ready. The broker learns of locks that it commissions. */
export async function startHubProcess(
  order: Omit<HubOrder, "brokerUrl" | "brokerUser" | "brokerSecret">,
  parts: { readonly broker: TestBroker; readonly credential: TestCredential },
): Promise<HubProcess> {
  const entry = fileURLToPath(new URL("./hub-main.ts", import.meta.url));
  const child = fork(entry, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const { broker, credential } = parts;
  const full = { ...order, brokerUrl: broker.url, brokerUser: credential.user, brokerSecret: credential.secret };
  const port = await readyPort(child, full, broker);
  const exited = once(child, "exit");
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

function readyPort(child: ChildProcess, order: HubOrder, broker: TestBroker): Promise<number> {
  return new Promise((resolve, reject) => {
    let port = 0;
    const cancel = systemClock.after(START_MS, () =>
      reject(new PortnerError("HUB_NOT_READY", "a hub did not get ready")),
    );
    child.once("exit", (code) =>
      reject(new PortnerError("HUB_ENDED", `a hub ended with \`${code}\` before it was ready`)),
    );
    child.on("message", (message) => {
      const report = HubReport.parse(message);
      if (report.type === "open") port = report.port;
      if (report.type === "credential") void passOn(child, broker, report);
      if (report.type !== "ready") return;
      cancel();
      resolve(port);
    });
    child.send(order);
  });
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
