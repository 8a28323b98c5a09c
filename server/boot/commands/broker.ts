import type { Command } from "commander";
import { systemClock } from "../../kernel/clock.ts";
import { openDatabase } from "../../kernel/database.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { createLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { runBroker } from "../../mqtt/index.ts";
import { BrokerFiles, credentialsPathIn } from "../broker-files.ts";
import { ownFolder } from "../private-file.ts";
import { FaultyConfigError, readSettings } from "../settings.ts";
import { untilAsked } from "../shutdown.ts";
import { wholeNumber } from "./option.ts";

/** MQTT's own port. */
const PORT_DEFAULT = 1_883;
const LOOPBACK = "127.0.0.1";

async function runStandAlone({ port }: { readonly port: number }): Promise<void> {
  const config = readSettings({ needed: ["BROKER_FOLDER", "MQTT_SECRET"] });
  const { BROKER_FOLDER: folder, MQTT_SECRET: secret, DATABASE_URL: databaseUrl } = config;
  if (folder === undefined || secret === undefined) throw new FaultyConfigError([]);
  const asked = untilAsked();
  const log = createLog(config.LOG_LEVEL);
  await ownFolder(folder);
  const database = databaseUrl === undefined ? undefined : openDatabase(databaseUrl);
  const deps = { tables: database?.tables, clock: systemClock, random: systemRandom, log };
  const files = new BrokerFiles(folder, deps);
  await files.addHub(config.MQTT_USER, secret);
  try {
    await files.sync();
  } finally {
    await database?.close();
  }
  const credentialsPath = credentialsPathIn(folder);
  const broker = await runBroker({ host: LOOPBACK, port, credentialsPath, clock: systemClock, log });
  if (!broker.ok) throw new PortnerError(broker.failure.code, `the broker can't run on port ${port}`);
  process.stderr.write(`the broker listens on ${broker.value.url}; Ctrl-C stops it\n`);
  await asked;
  await broker.value.stop();
}

/** Defines `broker`: the embedded broker, on its own. */
export function defineBroker(command: Command): void {
  command
    .option("--port <number>", "where it listens, on loopback only", wholeNumber(0, 65_535), PORT_DEFAULT)
    .action(runStandAlone);
}
