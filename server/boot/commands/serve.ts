import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { SERVE_NEEDS, type Config } from "../../kernel/config.ts";
import { openDatabase, type Database } from "../../kernel/database.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { createLog, type Log } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { BrokerFiles } from "../broker-files.ts";
import { VERSION } from "../checkout.ts";
import { ensureDashboardBuilt } from "../dashboard-build.ts";
import { openDashboard } from "../dashboard.ts";
import type { HubOptions } from "../hub-options.ts";
import { startHub } from "../hub.ts";
import { Refusals } from "../refusals.ts";
import { databaseUrlOf, readSettings, sealingKeyOf } from "../settings.ts";
import { untilAsked, within } from "../shutdown.ts";

/** Requests under way and the last entries need seconds; what takes longer hangs. */
const STOP_MS_MAX = 15_000;

/** Reads a file that a setting names, and that was there a moment ago. */
async function readNamed(config: Config, variable: "MQTT_CA_FILE" | "TLS_CERT_FILE" | "TLS_KEY_FILE") {
  const path = config[variable];
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new PortnerError("FILE_UNREADABLE", `the file that ${variable} names can't be read`, { cause });
  }
}

interface Shared {
  readonly database: Database;
  readonly log: Log;
}

async function hubOptions(config: Config, { database, log }: Shared): Promise<HubOptions> {
  const { MQTT_URL: url = "", MQTT_SECRET: secret = "", BROKER_FOLDER: folder = "" } = config;
  const deps = { tables: database.tables, clock: systemClock, random: systemRandom, log };
  const [ca, cert, key] = [
    await readNamed(config, "MQTT_CA_FILE"),
    await readNamed(config, "TLS_CERT_FILE"),
    await readNamed(config, "TLS_KEY_FILE"),
  ];
  return {
    version: VERSION,
    databaseUrl: databaseUrlOf(config),
    broker: { url, user: config.MQTT_USER, secret, ca },
    brokerPublicUrl: config.MQTT_PUBLIC_URL ?? url,
    brokerCredentials: new BrokerFiles(folder, deps),
    sealingKey: sealingKeyOf(config),
    listen: {
      host: config.HOST,
      port: config.PORT,
      tls: cert === undefined || key === undefined ? undefined : { cert, key },
    },
    dashboard: openDashboard({
      secure: cert !== undefined || config.TRUST_PROXY,
      built: ensureDashboardBuilt(systemClock),
      log,
    }),
    trustProxy: config.TRUST_PROXY,
    allowedOrigins: config.ALLOWED_ORIGINS,
    rateLimitFactor: config.RATE_LIMIT_FACTOR,
    migrateOnBoot: config.MIGRATE_ON_BOOT,
    log,
    machineClock: systemClock,
    random: systemRandom,
  };
}

async function serve(): Promise<void> {
  const config = readSettings({ needed: SERVE_NEEDS, opensFiles: true });
  const asked = untilAsked();
  const log = createLog(config.LOG_LEVEL);
  const database = openDatabase(databaseUrlOf(config));
  try {
    const options = await hubOptions(config, { database, log });
    const { url, ca } = options.broker;
    const refusals = new Refusals({ tables: database.tables, brokerUrl: url, ca, clock: systemClock, log });
    await refusals.check();
    const hub = await startHub(options);
    log.info({ url: hub.url, version: VERSION }, "the hub listens");
    try {
      // Coming up never ends by itself but by failing for good.
      const failed = hub.ready().then(() => asked);
      const request = await Promise.race([asked, failed, refusals.untilRefused()]);
      log.info({ ...request }, "stopping");
    } finally {
      refusals.stop();
      if (!(await within(STOP_MS_MAX, hub.stop()))) log.error({}, "the hub did not stop in time");
    }
  } finally {
    await database.close();
  }
  // Whatever still hangs must not keep a stopped hub alive.
  process.exit();
}

/** Defines `serve`: a hub on external parts. */
export function defineServe(command: Command): void {
  command.action(serve);
}
