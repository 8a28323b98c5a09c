import { systemClock } from "../kernel/clock.ts";
import { createLog } from "../kernel/log.ts";
import { BrokerOrder } from "./broker-messages.ts";
import type { BrokerReport } from "./broker-messages.ts";
import { runBroker } from "./embedded-broker.ts";
import type { RunningBroker } from "./embedded-broker.ts";

/**
 * Entry of the embedded broker's own process, spoken to over the channel that `startBrokerProcess` opens. The end of
 * that channel is the end of the parent, however it came, and so the end of this process.
 */
function serveParent(): void {
  let broker: RunningBroker | undefined;

  function report(message: BrokerReport): void {
    process.send?.(message);
  }

  async function start({ logLevel, ...options }: Extract<BrokerOrder, { type: "start" }>): Promise<void> {
    const started = await runBroker({ ...options, clock: systemClock, log: createLog(logLevel) });
    if (!started.ok) return report({ type: "failed", failure: started.failure });
    broker = started.value;
    return report({ type: "ready", url: broker.url, port: broker.port });
  }

  async function reload(): Promise<void> {
    const reloaded = await broker?.reload();
    if (reloaded === undefined) return;
    if (reloaded.ok) report({ type: "reloaded", credentials: reloaded.value });
    else report({ type: "notReloaded", failure: reloaded.failure });
  }

  async function stop(): Promise<void> {
    await broker?.stop();
    process.disconnect?.();
  }

  process.on("message", (message) => {
    const order = BrokerOrder.parse(message);
    switch (order.type) {
      case "start":
        return void start(order);
      case "reload":
        return void reload();
      case "stop":
        return void stop();
    }
  });
  process.once("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent still needs the broker to say goodbye and stops it itself.
  process.on("SIGINT", () => undefined);
  process.once("SIGTERM", () => void stop());
}

serveParent();
