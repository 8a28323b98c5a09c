import { join } from "node:path";
import { migrate } from "@portner/drizzle/migrate";
import { systemClock } from "../../kernel/clock.ts";
import type { Config } from "../../kernel/config.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { createLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { homeOf, VERSION } from "../checkout.ts";
import { ensureDashboardBuilt } from "../dashboard-build.ts";
import { openDashboard } from "../dashboard.ts";
import { startHub, type Hub } from "../hub.ts";
import { asOperator } from "../operator.ts";
import { announceDemo } from "../running-demo.ts";
import { untilAsked, within } from "../shutdown.ts";
import { makeAccounts, type DemoAccount, type DemoTown } from "./accounts.ts";
import { Activity } from "./activity.ts";
import { welcomeText } from "./welcome.ts";
import { signInCoordinator } from "./coordinator.ts";
import { logFile, openHome, townFolder } from "./home.ts";
import { integratorToken } from "./integrator.ts";
import { KeptPart } from "./keep-running.ts";
import { startBroker, startDatabase, type DemoBroker, type PartDeps } from "./parts.ts";
import { assertPortFree } from "./port.ts";
import { Screen } from "./screen.ts";
import { startSimulator, type SimulatorLine } from "./simulator.ts";
import { settleTown, worldFile, type WorldFile } from "./town.ts";
import { troublesOf } from "./troubles.ts";
import { Undo } from "./undo.ts";

const LOOPBACK = "127.0.0.1";
/** A hub on a busy machine comes up within seconds; later than this somebody wants to know what it waits for. */
const READY_MS = 15_000;
/** Carers enrol while locks come up; a street with some doors is better than an empty one. */
const CARERS_AFTER_MS = 5_000;
const HUB_STOP_MS = 15_000;

/** How big a new town is. */
export interface DemoOptions {
  readonly locks: number;
  /** Whether the hub serves the dashboard too. */
  readonly pages: boolean;
}

/** Thrown inside the start when somebody asked for the end; never seen outside. */
class AskedToStopError extends PortnerError {
  constructor() {
    super("ASKED_TO_STOP", "asked to stop");
  }
}

/** Runs the demo until it is asked to stop. What was started is ended in any case, in the opposite order. */
export async function runDemo(config: Config, options: DemoOptions): Promise<void> {
  const stopping = new AbortController();
  const asked = untilAsked().then(() => stopping.abort(new AskedToStopError()));
  const screen = new Screen(process.stdout, systemClock);
  const home = await openHome(homeOf(config), systemRandom);
  const log = createLog(config.LOG_LEVEL, await logFile(home, "hub"));
  const undo = new Undo(log);
  undo.add("the folder", () => home.release());
  const tell = (sentence: string): void => screen.say(`· ${sentence}`);
  const deps: Deps = {
    config,
    home,
    undo,
    clock: systemClock,
    random: systemRandom,
    log,
    tell,
    screen,
    signal: stopping.signal,
  };
  try {
    await startTown(deps, options);
    await asked;
  } catch (error) {
    if (!(error instanceof AskedToStopError)) throw error;
  } finally {
    screen.end();
    screen.say("stopping; the next start goes on from here");
    await undo.run();
  }
  screen.say("stopped");
  process.exit();
}

interface Deps extends PartDeps {
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

interface Settled {
  readonly town: DemoTown;
  readonly accounts: readonly DemoAccount[];
  readonly token: string;
}

async function startTown(deps: Deps, options: DemoOptions): Promise<void> {
  const { config, home, undo, signal, screen } = deps;
  await assertPortFree(LOOPBACK, config.PORT);
  screen.say("starting Postgres, the broker and the hub");
  const databaseUrl = await startDatabase(deps);
  signal.throwIfAborted();
  await migrate(databaseUrl);
  const folder = await townFolder(home, config.DATABASE_URL);
  const file = await worldFile(folder, { locks: options.locks, random: deps.random });
  signal.throwIfAborted();
  const settled = await settle(databaseUrl, { file, folder, sealingKey: home.sealingKey });
  signal.throwIfAborted();
  const broker = await startBroker(deps, databaseUrl);
  signal.throwIfAborted();
  const hub = await startDemoHub(deps, { databaseUrl, broker, pages: options.pages });
  const announced = await announceDemo(home.folder, {
    DATABASE_URL: databaseUrl,
    MQTT_URL: broker.url,
    MQTT_SECRET: broker.secret,
    BROKER_FOLDER: broker.folder,
    PORTNER_KEY: home.sealingKey,
  });
  undo.add("the announcement", announced);
  await untilReady(deps, hub);
  screen.say(welcomeText({ ...settled, url: hub.url, home: home.folder }));
  await startMotion(deps, { hub, broker, file, folder, accounts: settled.accounts });
}

function settle(
  databaseUrl: string,
  { file, folder, sealingKey }: { readonly file: WorldFile; readonly folder: string; readonly sealingKey: string },
): Promise<Settled> {
  return asOperator(databaseUrl, async (operator) => {
    const town = await settleTown(operator, file, sealingKey);
    const accounts = await makeAccounts(operator, town, folder);
    return { town, accounts, token: await integratorToken(operator, town.tenant, folder) };
  });
}

async function startDemoHub(
  { config, home, undo, log, clock, random }: Deps,
  {
    databaseUrl,
    broker,
    pages,
  }: { readonly databaseUrl: string; readonly broker: DemoBroker; readonly pages: boolean },
): Promise<Hub> {
  const { url, user, secret, files } = broker;
  const hub = await startHub({
    version: VERSION,
    databaseUrl,
    broker: { url, user, secret },
    brokerPublicUrl: config.MQTT_PUBLIC_URL ?? url,
    brokerCredentials: files,
    sealingKey: Buffer.from(home.sealingKey, "base64url"),
    // Passwords and a token of this town stand on the screen, so nobody but this machine reaches it.
    listen: { host: LOOPBACK, port: config.PORT },
    dashboard: pages ? openDashboard({ secure: false, built: ensureDashboardBuilt(clock), log }) : undefined,
    trustProxy: false,
    allowedOrigins: [],
    rateLimitFactor: config.RATE_LIMIT_FACTOR,
    migrateOnBoot: true,
    log,
    machineClock: clock,
    random,
  });
  undo.add("the hub", () => within(HUB_STOP_MS, hub.stop()));
  return hub;
}

async function untilReady({ signal, tell }: Deps, hub: Hub): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const ready = Promise.race([hub.ready(), aborted]);
  if (await within(READY_MS, ready)) return;
  const missing = hub.checks().filter(({ ok }) => !ok);
  tell(`the hub waits for ${missing.map(({ name, detail }) => `${name} (${detail})`).join(", ")}`);
  await ready;
}

interface Motion {
  readonly hub: Hub;
  readonly broker: DemoBroker;
  readonly file: WorldFile;
  readonly folder: string;
  readonly accounts: readonly DemoAccount[];
}

async function startMotion(deps: Deps, { hub, broker, file, folder, accounts }: Motion): Promise<void> {
  const { home, undo, clock, tell, signal, screen } = deps;
  const activity = new Activity(clock);
  const common = ["--world", file.path, "--hub", hub.url];
  const keep = async (
    { name, log, orders }: { readonly name: string; readonly log: string; readonly orders?: readonly object[] },
    args: string[],
    onLine: (line: SimulatorLine) => void,
  ) => {
    const path = await logFile(home, log);
    const launch = () => startSimulator({ args, log: path, onLine, ordersWhenReady: orders ?? [] });
    const part = await KeptPart.start(name, launch, { clock, tell });
    undo.add(name, () => part.stop());
  };
  const brokerArgs = broker.isOurs ? ["--broker", broker.url] : [];
  const lockArgs = ["run", ...common, "--state", join(folder, "locks"), ...brokerArgs];
  const { behaviours, silent } = troublesOf(file.world);
  const locks = {
    name: "the locks' simulator",
    log: "locks",
    orders: silent.map((serial) => ({ serial, do: "silence" })),
  };
  const troubled = [...lockArgs, "--behaviours", JSON.stringify(behaviours)];
  await keep(locks, troubled, (line) => activity.hearLocks(line));
  screen.showLive(() => activity.line(file.world.locks.length));
  const { login, password } = administration(accounts);
  const coordinator = await signInCoordinator({ hubUrl: hub.url, login, password, folder, clock, tell });
  undo.add("the coordinator", () => coordinator.stop());
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await within(CARERS_AFTER_MS, Promise.race([activity.untilUp(), aborted]));
  signal.throwIfAborted();
  const carerArgs = ["carers", ...common, "--state", join(folder, "phones")];
  const session = ["--admin-token-file", coordinator.sessionFile];
  const carers = { name: "the carers' simulator", log: "carers" };
  await keep(carers, [...carerArgs, ...session], (line) => activity.hearCarers(line));
}

function administration(accounts: readonly DemoAccount[]): DemoAccount {
  const account = accounts.find(({ role }) => role === "A");
  if (account === undefined) throw new PortnerError("ACCOUNTS_FAULTY", "accounts.json names no central administration");
  return account;
}
