import { resolve } from "node:path";
import type { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { openDatabase } from "../../kernel/database.ts";
import { createLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { BrokerFiles, type MosquittoSetup } from "../broker-files.ts";
import { explained } from "../database-failure.ts";
import { ownFolder } from "../private-file.ts";
import { FaultyConfigError, readSettings } from "../settings.ts";
import { print, wholeNumber } from "./option.ts";

const PORT_DEFAULT = 1_883;

interface BrokerConfigFlags {
  readonly host: string;
  readonly port: number;
  readonly cert?: string;
  readonly key?: string;
  readonly account?: string;
  readonly pidFile?: string;
}

function setupOf(flags: BrokerConfigFlags, folder: string): MosquittoSetup {
  const { host, port, cert, key, account, pidFile } = flags;
  const pidPath = resolve(folder, pidFile ?? "mosquitto.pid");
  return {
    host,
    port,
    pidPath,
    ...(cert !== undefined && key !== undefined && { tls: { certPath: resolve(cert), keyPath: resolve(key) } }),
    ...(account !== undefined && { account }),
  };
}

async function writeConfig(flags: BrokerConfigFlags): Promise<void> {
  const config = readSettings({ needed: ["BROKER_FOLDER", "MQTT_SECRET"] });
  const { BROKER_FOLDER, MQTT_SECRET: secret, DATABASE_URL: databaseUrl } = config;
  if (BROKER_FOLDER === undefined || secret === undefined) throw new FaultyConfigError([]);
  const folder = await ownFolder(resolve(BROKER_FOLDER));
  const database = databaseUrl === undefined ? undefined : openDatabase(databaseUrl);
  const log = createLog(config.LOG_LEVEL);
  const files = new BrokerFiles(folder, { tables: database?.tables, clock: systemClock, random: systemRandom, log });
  try {
    await files.addHub(config.MQTT_USER, secret);
    await files.setUpMosquitto(setupOf(flags, folder));
    await files.sync();
  } catch (error) {
    throw explained(error);
  } finally {
    await database?.close();
  }
  print(nextSteps(folder, { user: config.MQTT_USER, knowsLocks: databaseUrl !== undefined, flags }));
}

function nextSteps(
  folder: string,
  about: { readonly user: string; readonly knowsLocks: boolean; readonly flags: BrokerConfigFlags },
): string {
  const { user, knowsLocks, flags } = about;
  const scheme = flags.cert === undefined ? "mqtt" : "mqtts";
  const locks = knowsLocks ? "every commissioned lock" : "no lock yet (DATABASE_URL was not set)";
  return `Mosquitto's files are in ${folder}: hub ${user} and ${locks} may connect, nobody else, and each only on its topics.

1. Start Mosquitto with them:       mosquitto -c ${folder}/mosquitto.conf
2. Start the hub beside it with:    MQTT_URL=${scheme}://${flags.host}:${flags.port} BROKER_FOLDER=${folder}
   and MQTT_USER and MQTT_SECRET as they are now.
3. The hub writes these files again for every new lock and sends Mosquitto SIGHUP. Where it may not signal it, let the
   service manager reload Mosquitto whenever ${folder}/passwd changes.
Each further hub has a MQTT_USER and MQTT_SECRET of its own: run this again with them.
`;
}

/** Defines `broker-config`: Mosquitto's files. */
export function defineBrokerConfig(command: Command): void {
  command
    .option("--host <address>", "where Mosquitto listens; beyond loopback needs --cert and --key", "127.0.0.1")
    .option("--port <number>", "its port", wholeNumber(1, 65_535), PORT_DEFAULT)
    .option("--cert <file>", "certificate chain (PEM)")
    .option("--key <file>", "private key (PEM)")
    .option(
      "--account <name>",
      "account that Mosquitto drops to when root starts it; it must be able to read the folder",
    )
    .option("--pid-file <file>", "where Mosquitto writes its process id")
    .action(writeConfig);
}
