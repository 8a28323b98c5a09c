import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";
import { pause } from "../clock.ts";
import { LoadError } from "../fault.ts";

/** A process that does not open its inspector within this has none. */
const OPEN_MS_MAX = 10_000;
const OPEN_POLL_MS = 100;

const Targets = z.array(z.object({ webSocketDebuggerUrl: z.string() })).min(1);

/** A Node process, looked at through its inspector. */
export interface Inspector {
  /** Collects all garbage there, so that what it then holds is what it needs. */
  collectGarbage(): Promise<void>;
  close(): void;
}

/** The option by which a process, and those that it starts, would open the inspector at this port. */
export function inspectable(port: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--inspect-port=127.0.0.1:${port}` };
}

/** Opens the inspector of a process that was started as {@link inspectable}. Throws LoadError `NO_INSPECTOR`. */
export async function openInspector({
  pid,
  port,
}: {
  readonly pid: number;
  readonly port: number;
}): Promise<Inspector> {
  process.kill(pid, "SIGUSR1");
  const socket = new WebSocket(await debuggerUrl(port));
  await once(socket, "open");
  let calls = 0;
  return {
    async collectGarbage() {
      calls += 1;
      const id = calls;
      const answered = new Promise<void>((resolve) => {
        const hear = (data: Buffer): void => {
          if (z.object({ id: z.number().optional() }).parse(JSON.parse(data.toString("utf8"))).id !== id) return;
          socket.off("message", hear);
          resolve();
        };
        socket.on("message", hear);
      });
      socket.send(JSON.stringify({ id, method: "HeapProfiler.collectGarbage" }));
      await answered;
    },
    close: () => socket.close(),
  };
}

async function debuggerUrl(port: number): Promise<string> {
  for (let waitedMs = 0; waitedMs < OPEN_MS_MAX; waitedMs += OPEN_POLL_MS) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`).catch(() => undefined);
    const [target] = answer?.ok === true ? Targets.parse(await answer.json()) : [];
    if (target !== undefined) return target.webSocketDebuggerUrl;
    await pause(OPEN_POLL_MS);
  }
  throw new LoadError("NO_INSPECTOR", `no inspector at port ${port}`);
}
