import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { Clock } from "../kernel/clock.ts";
import type { LogLevel } from "../kernel/log.ts";
import { programFile } from "../kernel/program.ts";
import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { BrokerReport } from "./broker-messages.ts";
import type { BrokerOrder } from "./broker-messages.ts";
import type { CredentialFault } from "./credentials.ts";
import type { BrokerStartFailure } from "./embedded-broker.ts";

/** Starting takes a second; ten bear a machine that is busy with everything else of a first start. */
const START_TIMEOUT_MS = 10_000;

/** Reading 20,000 credentials takes a tenth of a second. */
const RELOAD_TIMEOUT_MS = 5_000;

/** After this long a broker that was asked to stop is killed: it holds nothing that could be lost. */
const STOP_TIMEOUT_MS = 3_000;

/** How the embedded broker's process ended. */
export type BrokerExit = { readonly code: number | null; readonly signal: string | null };

/** The embedded broker in a process of its own. */
export type BrokerProcess = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Makes the process read its credentials file now, and answers how many credentials count from here on. */
  reload(): Promise<Result<number, CredentialFault | BrokerProcessGone>>;
  /** Resolves when the process has ended, by `stop` or by itself. */
  readonly exited: Promise<BrokerExit>;
  stop(): Promise<void>;
};

/** The process ended, or did not answer in time. */
export type BrokerProcessGone = { readonly code: "BROKER_PROCESS_GONE" };

export type BrokerProcessOptions = {
  readonly host: string;
  readonly port: number;
  readonly credentialsPath: string;
  readonly logLevel: LogLevel;
  readonly clock: Clock;
};

/** Sends an order and resolves with the first report of the wanted kinds, or `undefined` when none comes. */
function ask<Type extends BrokerReport["type"]>(
  child: ChildProcess,
  order: BrokerOrder,
  wait: { types: readonly Type[]; timeoutMs: number; clock: Clock },
): Promise<Extract<BrokerReport, { type: Type }> | undefined> {
  return new Promise((resolve) => {
    const wanted = (report: BrokerReport): report is Extract<BrokerReport, { type: Type }> =>
      wait.types.some((type) => type === report.type);
    const hear = (message: unknown): void => {
      // Under `node --watch` every process tells its parent what it loads, on this channel too.
      const report = BrokerReport.safeParse(message);
      if (report.success && wanted(report.data)) settle(report.data);
    };
    const gone = (): void => settle(undefined);
    const cancel = wait.clock.after(wait.timeoutMs, gone);
    function settle(report: Extract<BrokerReport, { type: Type }> | undefined): void {
      cancel();
      child.off("message", hear).off("exit", gone);
      resolve(report);
    }
    child.on("message", hear).once("exit", gone);
    child.send(order, (cause) => {
      if (cause) gone();
    });
  });
}

async function reload(child: ChildProcess, clock: Clock): ReturnType<BrokerProcess["reload"]> {
  const types = ["reloaded", "notReloaded"] as const;
  const report = child.connected
    ? await ask(child, { type: "reload" }, { types, timeoutMs: RELOAD_TIMEOUT_MS, clock })
    : undefined;
  if (report === undefined) return fail({ code: "BROKER_PROCESS_GONE" });
  return report.type === "reloaded" ? ok(report.credentials) : fail(report.failure);
}

async function stop(child: ChildProcess, exited: Promise<BrokerExit>, clock: Clock): Promise<void> {
  const cancel = clock.after(STOP_TIMEOUT_MS, () => child.kill("SIGKILL"));
  if (child.connected) child.send({ type: "stop" } satisfies BrokerOrder, () => undefined);
  await exited;
  cancel();
}

/**
 * Starts the embedded broker in a process of its own, so that neither can stall the other, and waits until it listens.
 * It dies with its parent, however that ends. A process that ends by itself is not started again: see `exited`.
 */
export async function startBrokerProcess(
  options: BrokerProcessOptions,
): Promise<Result<BrokerProcess, BrokerStartFailure | BrokerProcessGone>> {
  const { clock, ...start } = options;
  const child = fork(programFile("broker"), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  const exited = new Promise<BrokerExit>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
    child.once("error", () => resolve({ code: null, signal: null }));
  });
  const types = ["ready", "failed"] as const;
  const report = await ask(child, { type: "start", ...start }, { types, timeoutMs: START_TIMEOUT_MS, clock });
  if (report?.type !== "ready" || child.pid === undefined) {
    await stop(child, exited, clock);
    return fail(report?.type === "failed" ? report.failure : { code: "BROKER_PROCESS_GONE" });
  }
  return ok({
    url: report.url,
    port: report.port,
    pid: child.pid,
    reload: () => reload(child, clock),
    exited,
    stop: () => stop(child, exited, clock),
  });
}
