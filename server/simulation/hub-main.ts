/** The entry of a test's hub process: takes one order from its parent, starts a hub, and ends with its parent. */
import { once } from "node:events";
import { z } from "zod";
import { openDashboard } from "../boot/dashboard.ts";
import type { BrokerCredentials } from "../boot/hub-options.ts";
import { startHub } from "../boot/hub.ts";
import { systemClock } from "../kernel/clock.ts";
import { createLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { HubOrder } from "./hub-process.ts";

const Answer = z.object({ call: z.int() });

const [first] = await once(process, "message");
const order = HubOrder.parse(first);
const waiting = new Map<number, () => void>();
process.on("message", (message) => waiting.get(Answer.parse(message).call)?.());

const log = createLog(order.logLevel);
function admit({ lockId, tenantId, secretDigest }: Parameters<BrokerCredentials["add"]>[0]): Promise<void> {
  return new Promise((resolve) => {
    const call = waiting.size + 1;
    waiting.set(call, resolve);
    const digest = Buffer.from(secretDigest).toString("base64");
    process.send?.({ type: "credential", call, lockId, tenantId, digest });
  });
}

const pages = order.dashboard;
const hub = await startHub({
  version: "test",
  databaseUrl: order.databaseUrl,
  broker: { url: order.brokerUrl, user: order.brokerUser, secret: order.brokerSecret },
  brokerPublicUrl: order.brokerUrl,
  brokerCredentials: {
    add: admit,
    // A digest of no secret shuts everybody out.
    remove: (lock) => admit({ ...lock, secretDigest: systemRandom.bytes(64) }),
    // All hubs of a test share one broker, whose file each change reaches at once.
    renew: () => undefined,
  },
  sealingKey: Buffer.from(order.sealingKey, "base64url"),
  listen: { host: "127.0.0.1", port: order.port },
  dashboard: pages === undefined ? undefined : openDashboard({ secure: false, built: Promise.resolve(pages), log }),
  trustProxy: false,
  allowedOrigins: [],
  rateLimitFactor: order.rateLimitFactor,
  migrateOnBoot: true,
  log,
  machineClock: systemClock,
  random: systemRandom,
  heartbeatMs: order.heartbeatMs,
  disturbance: { listen: order.listen, tailDelayMs: () => order.tailDelayMs },
});
process.send?.({ type: "open", port: hub.port });
const stop = (): void => void hub.stop().finally(() => process.exit(0));
process.once("SIGTERM", stop);
process.once("disconnect", stop);
await hub.ready();
process.send?.({ type: "ready" });
