import { join } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import type { Config } from "../../kernel/config.ts";
import { openDatabase } from "../../kernel/database.ts";
import { PortnerError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { startBrokerProcess, type BrokerProcess } from "../../mqtt/index.ts";
import { BrokerFiles, credentialsPathIn } from "../broker-files.ts";
import { startEmbeddedPostgres } from "../embedded-postgres.ts";
import { ownFolder } from "../private-file.ts";
import type { Home } from "./home.ts";
import { KeptPart } from "./keep-running.ts";
import type { Undo } from "./undo.ts";

const LOOPBACK = "127.0.0.1";

/** What the demo's parts are started with. */
export interface PartDeps {
  readonly config: Config;
  readonly home: Home;
  readonly undo: Undo;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tell: (sentence: string) => void;
}

/** The database's address: the given one, or of a Postgres of our own. */
export async function startDatabase(deps: PartDeps): Promise<string> {
  const { config, home, undo, clock, random, log } = deps;
  if (config.DATABASE_URL !== undefined) return config.DATABASE_URL;
  const folder = join(home.folder, "postgres");
  // Started again it keeps its port, so that everybody who is connected finds it.
  let port = config.POSTGRES_PORT;
  const launch = async () => {
    const server = await startEmbeddedPostgres({ folder, port, clock, random, log });
    port = server.port;
    return server;
  };
  const kept = await KeptPart.start("Postgres", launch, deps);
  undo.add("Postgres", () => kept.stop());
  return kept.current().url;
}

/** The broker, and the files that it learns its users from. */
export interface DemoBroker {
  readonly url: string;
  readonly user: string;
  readonly secret: string;
  readonly folder: string;
  readonly files: BrokerFiles;
  /** Whether it is ours: then locks are told where it is now, since its port may change from start to start. */
  readonly isOurs: boolean;
}

/** The broker: the given one, or one of our own in a process of its own. */
export async function startBroker(deps: PartDeps, databaseUrl: string): Promise<DemoBroker> {
  const { config, home, undo, clock, random, log } = deps;
  const isOurs = config.MQTT_URL === undefined;
  const folder = await ownFolder(config.BROKER_FOLDER ?? join(home.folder, "broker"));
  const secret = config.MQTT_SECRET ?? home.hubSecret;
  const user = config.MQTT_USER;
  const database = openDatabase(databaseUrl);
  undo.add("the broker's database connection", () => database.close());
  const ours: { broker?: KeptPart<BrokerProcess> } = {};
  const reload = async (): Promise<void> => void (await ours.broker?.current().reload());
  const files = new BrokerFiles(folder, { tables: database.tables, clock, random, log, reload });
  await files.addHub(user, secret);
  await files.sync();
  undo.add("the broker's files", () => files.stop());
  const common = { user, secret, folder, files, isOurs };
  if (config.MQTT_URL !== undefined) return { ...common, url: config.MQTT_URL };
  const kept = await KeptPart.start("the broker", brokerLauncher(deps, folder), deps);
  ours.broker = kept;
  undo.add("the broker", () => kept.stop());
  return { ...common, url: kept.current().url };
}

function brokerLauncher({ config, clock }: PartDeps, folder: string): () => Promise<BrokerProcess> {
  let port = config.BROKER_PORT;
  return async () => {
    const credentialsPath = credentialsPathIn(folder);
    const started = await startBrokerProcess({ host: LOOPBACK, port, credentialsPath, logLevel: "error", clock });
    if (!started.ok) throw brokerFailed(started.failure.code, port);
    port = started.value.port;
    return started.value;
  };
}

function brokerFailed(code: string, port: number): PortnerError {
  if (code !== "BROKER_PORT_TAKEN") return new PortnerError(code, "the broker could not be started");
  return new PortnerError("PORT_TAKEN", `port ${port} is taken; set BROKER_PORT to another, or stop what uses it`);
}
