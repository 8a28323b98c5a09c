import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { World } from "@portner/schema/world";
import { createAccount, createEndSessions, Passwords, type AccountDeps } from "../identity/index.ts";
import { importWorld, type ImportDeps } from "../integrations/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId, newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { createSealing } from "../kernel/sealing.ts";
import { tenantByPublicId } from "../people/index.ts";
import { signInAs, type Credentials } from "./api-client.ts";
import { startTestBroker, testCredential, type TestBroker, type TestCredential } from "./broker.ts";
import { migratedDatabase, type MigratedDatabase } from "./database.ts";
import { testedProgramFile } from "./program.ts";
import { openHubProcess, type HubOrder, type HubProcess } from "./hub-process.ts";

const READY_MS = 60_000;
const PASSWORD = "correct horse battery staple";
/** A town has hubs of these names; each connection to a broker needs its own. */
const HUB_NAMES = ["hub-first", "hub-second", "hub-third"];

/** The simulator as a process of its own. */
export interface SimulatedLocks {
  readonly pid: number;
  /** Gives an order on standard input; see lock-sim's README. */
  order(order: object): void;
  /** Settles when the process has ended, by itself or not. */
  readonly exited: Promise<unknown>;
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** See {@link RunningTown.outside}. */
export type OutsideDeps = AccountDeps & ImportDeps;

/** A whole installation on real parts: Postgres, broker, hubs and locks in processes of their own. */
export interface RunningTown {
  readonly db: MigratedDatabase;
  readonly broker: TestBroker;
  readonly world: World;
  /** Folder of the locks' flash and of the world they stand in. */
  readonly state: string;
  /** What use cases need that change the database from outside, as the command line does. */
  readonly outside: OutsideDeps;
  /**
   * Starts one more hub; the index chooses its name at the broker. `output` hears whatever it prints; `brokerUrl` is
   * another way to the broker.
   */
  hub(
    index: number,
    order?: Partial<HubOrder>,
    output?: (text: string) => void,
    brokerUrl?: string,
  ): Promise<HubProcess>;
  /** The same, waiting only until its port is open: what it needs may be away. */
  openedHub(
    index: number,
    order?: Partial<HubOrder>,
    output?: (text: string) => void,
    brokerUrl?: string,
  ): Promise<HubProcess>;
  /** What a hub of this index says to the broker. */
  credential(index: number): TestCredential;
  /** Starts the locks against a hub and waits until they are connected. */
  locks(url: string, options?: readonly string[]): Promise<SimulatedLocks>;
  /** Signs in as central administration. */
  administrator(url: string): Promise<Credentials>;
  /** Ends what still runs and removes everything. */
  end(): Promise<void>;
}

/** Sets a town up: database, broker, import, one administrator. Hubs and locks are started by the test. */
export async function startTown(world: World): Promise<RunningTown> {
  const state = await mkdtemp(join(tmpdir(), "portner-town-"));
  const worldFile = join(state, "world.json");
  const text = JSON.stringify(world);
  await writeFile(worldFile, text, { mode: 0o600 });
  const db = await migratedDatabase();
  const credentials = HUB_NAMES.map((user) => testCredential({ user }));
  const broker = await startTestBroker({ credentials });
  const sealingKey = newSecret(systemRandom);
  const outside = outsideDeps(db, sealingKey);
  await populate(outside, world, text);
  const running = new Set<{ kill(): Promise<void> }>();
  const track = <Process extends { kill(): Promise<void> }>(process: Process): Process => {
    running.add(process);
    return process;
  };
  const credential = (index: number): TestCredential => {
    const found = credentials[index];
    if (found === undefined) throw new PortnerError("NO_SUCH_HUB", `a town has ${HUB_NAMES.length} hubs`);
    return found;
  };
  const openedHub: RunningTown["openedHub"] = async (index, order, output, brokerUrl = broker.url) => {
    const defaults = {
      port: 0,
      heartbeatMs: 2_000,
      tailDelayMs: 0,
      listen: true,

      logLevel: "warn" as const,
    };
    const full = { ...defaults, databaseUrl: db.url, sealingKey, ...order };
    return track(
      await openHubProcess(full, { broker: { ...broker, url: brokerUrl }, credential: credential(index), output }),
    );
  };
  return {
    db,
    broker,
    world,
    state,
    outside,
    hub: async (index, order, output, brokerUrl) => {
      const hub = await openedHub(index, order, output, brokerUrl);
      await hub.ready();
      return hub;
    },
    openedHub,
    credential,
    locks: async (url, options = []) => track(await startLocks(url, { state, worldFile, options })),
    administrator: (url) => signInAs(url, "admin@example.test", PASSWORD),
    end: async () => {
      await Promise.all([...running].map((process) => process.kill()));
      await broker.stop();
      await db.drop();
      await rm(state, { recursive: true, force: true });
    },
  };
}

function outsideDeps({ database }: MigratedDatabase, sealingKey: string): OutsideDeps {
  return {
    database,
    hub: newId(systemRandom),
    clock: systemClock,
    random: systemRandom,
    sealing: createSealing(Buffer.from(sealingKey, "base64url"), systemRandom),
    endSessions: createEndSessions(systemClock),
    passwords: new Passwords(),
  };
}

async function populate(deps: OutsideDeps, world: World, text: string): Promise<void> {
  const imported = await importWorld(deps, text);
  if (!imported.ok) throw new PortnerError("IMPORT", JSON.stringify(imported.failure));
  const tenant = await tenantByPublicId(deps.database.tables, world.tenant.id);
  const account = {
    login: "admin@example.test",
    name: "Administrator",
    password: PASSWORD,
    roles: [{ role: "A" as const }],
  };
  const made = await createAccount(deps, { ...account, tenant: tenant?.id ?? 0 });
  if (!made.ok) throw new PortnerError(made.failure.code, "the administrator's account was not made");
}

async function startLocks(
  url: string,
  {
    state,
    worldFile,
    options,
  }: { readonly state: string; readonly worldFile: string; readonly options: readonly string[] },
): Promise<SimulatedLocks> {
  const args = [
    testedProgramFile("simulator"),
    "run",
    "--world",
    worldFile,
    "--hub",
    url,
    "--state",
    join(state, "locks"),
    ...options,
  ];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  await untilReady(child);
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    pid: child.pid ?? 0,
    exited,
    order: (order) => child.stdin.write(`${JSON.stringify(order)}\n`),
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
  };
}

function untilReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = systemClock.after(READY_MS, () =>
      reject(new PortnerError("LOCKS_NOT_READY", "the locks did not connect")),
    );
    child.once("exit", (code) => reject(new PortnerError("LOCKS_ENDED", `the simulator ended with \`${code}\``)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const told: unknown = JSON.parse(line);
      if (typeof told !== "object" || told === null || !("event" in told) || told.event !== "ready") return;
      cancel();
      resolve();
    });
  });
}
