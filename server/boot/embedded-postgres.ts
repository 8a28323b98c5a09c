import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, open, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../kernel/clock.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newSecret } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import { systemRandom, type Random } from "../kernel/random.ts";
import { embeddedBinaries, type PostgresBinaries } from "./postgres-binaries.ts";
import { claimFolder } from "./folder-claim.ts";
import { readPostmaster, stopLeftover, stopServer } from "./postgres-leftover.ts";
import {
  choosePostgresUser,
  dataHomesOf,
  handOver,
  launchAs,
  reachableBinaries,
  reachableDataHome,
  type PostgresUser,
} from "./postgres-user.ts";

/** Recovery after a power cut replays at most `max_wal_size` (1 GB), under a minute on a slow disk. */
const START_MS = 60_000;
const POLL_MS = 10;
/** A free port may be taken between looking and binding; three in a row is no accident. */
const FREE_PORT_TRIES = 3;
/** The server's own log is for whoever looks into a failed start; older than this it helps nobody. */
const LOG_BYTES_MAX = 8 * 1024 * 1024;
/** The last lines of the server's log are quoted when it does not start. */
const QUOTED_LOG_BYTES = 2_000;
const SUPERUSER = "portner";
const LOOPBACK = "127.0.0.1";

/** What `startEmbeddedPostgres` needs. */
export interface EmbeddedPostgresOptions {
  /** Folder of this database: data, password, log. Made when missing. */
  readonly folder: string;
  /** TCP port on loopback; 0 or absent picks a free one. */
  readonly port?: number;
  /** Server settings beside the defaults, by name. Durability settings stay as Postgres ships them: on. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Another release than the one from npm. */
  readonly binaries?: PostgresBinaries;
  /** Another user than the best one for this process. */
  readonly user?: PostgresUser;
  readonly log: Log;
  readonly clock: Clock;
  readonly random?: Random;
}

/** A running database server that belongs to this process. */
export interface EmbeddedPostgres {
  /** Address of the database `postgres` as superuser, with its password. A secret. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Folder of the data files; not always inside the given folder. */
  readonly data: string;
  /** Settles when the server has ended, asked or not. */
  readonly exited: Promise<void>;
  /** Fast shutdown, bounded at 30 s; committed work is kept in any case. Stopping twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Removes the database of `folder` for good, with the folder, wherever its data stands; stops a server left on it first.
 * Throws `FOLDER_IN_USE` while another process runs on it. Nothing to remove is fine.
 */
export async function eraseEmbeddedPostgres(folder: string, deps: { clock: Clock; log: Log }): Promise<void> {
  if (!existsSync(folder)) return;
  const path = await realpath(folder);
  await claimFolder(path);
  for (const home of dataHomesOf(path)) {
    await stopLeftover(join(home, "data"), deps);
    await rm(home, { recursive: true, force: true });
  }
}

interface Site {
  readonly folder: string;
  readonly data: string;
  readonly bin: string;
  readonly user: PostgresUser;
}

/**
 * Starts a real Postgres on loopback, on the data of an earlier run when there is any. A server that a killed process
 * left on the folder is stopped first. Throws `PORT_TAKEN`, `FOLDER_IN_USE`, `POSTGRES_MISSING` or
 * `POSTGRES_NOT_STARTED` with the last lines of the server's log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const folder = await realpath(options.folder);
  const release = await claimFolder(folder);
  try {
    return await startClaimed(folder, release, options);
  } catch (cause) {
    await release();
    throw cause;
  }
}

async function startClaimed(
  folder: string,
  release: () => Promise<void>,
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const binaries = options.binaries ?? (await embeddedBinaries());
  const user = options.user ?? choosePostgresUser(binaries, folder);
  const home = await reachableDataHome(folder, user, options.log);
  const bin = await reachableBinaries(binaries, user, options.log);
  const site: Site = { folder, data: join(home, "data"), bin, user };
  await stopLeftover(site.data, options);
  const password = await prepareData(site, home, binaries, options.random ?? systemRandom);
  const server = await startOnPort(site, options);
  const exited = new Promise<void>((resolve) => {
    if (server.child.exitCode !== null || server.child.signalCode !== null) resolve();
    else server.child.once("exit", () => resolve());
  });
  const stop = async (): Promise<void> => {
    await stopServer(server.pid, options.clock);
    await exited;
    await release();
  };
  let stopping: Promise<void> | undefined;
  return {
    url: `postgres://${SUPERUSER}:${password}@${LOOPBACK}:${server.port}/postgres`,
    port: server.port,
    pid: server.pid,
    data: site.data,
    exited,
    stop: () => (stopping ??= stop()),
  };
}

async function prepareData(site: Site, home: string, binaries: PostgresBinaries, random: Random): Promise<string> {
  const passwordFile = join(site.folder, "password");
  if (existsSync(site.data)) {
    await handOver(site.data, site.user);
    return (await readFile(passwordFile, "utf8")).trim();
  }
  const password = newSecret(random);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await chmod(passwordFile, 0o600);
  await initialise(site, home, binaries, password);
  return password;
}

// A cut-off initdb leaves a folder that looks like a database; so it works beside, and a rename says it is whole.
async function initialise(site: Site, home: string, binaries: PostgresBinaries, password: string): Promise<void> {
  const half = join(home, "data.new");
  const passwordFile = join(home, "initdb-password");
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  await handOver(half, site.user);
  await handOver(passwordFile, site.user);
  const args = ["-D", half, "-U", SUPERUSER, `--pwfile=${passwordFile}`, "--encoding=UTF8", "--auth=scram-sha-256"];
  const {
    command,
    args: all,
    options,
  } = launchAs(site.user, join(site.bin, "initdb"), [...args, ...binaries.localeArguments]);
  const done = spawnSync(command, all, options);
  await rm(passwordFile, { force: true });
  if (done.status !== 0) {
    const reason = done.error?.message ?? done.stderr.toString();
    throw new PortnerError("POSTGRES_NOT_STARTED", `initdb failed: \`${reason.trim()}\``);
  }
  await rename(half, site.data);
}

interface Started {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly port: number;
}

async function startOnPort(site: Site, options: EmbeddedPostgresOptions): Promise<Started> {
  const wanted = options.port ?? 0;
  for (let tries = 1; ; tries += 1) {
    const port = await claimablePort(wanted);
    try {
      return await launch(site, port, options);
    } catch (cause) {
      const isTaken = cause instanceof PortnerError && cause.message.includes("Address already in use");
      if (isTaken && wanted !== 0) throw portTaken(wanted, cause);
      if (!isTaken || tries === FREE_PORT_TRIES) throw cause;
    }
  }
}

function claimablePort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => reject(portTaken(port, cause)));
    probe.listen(port, LOOPBACK, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

function portTaken(port: number, cause: unknown): PortnerError {
  return new PortnerError("PORT_TAKEN", `port \`${port}\` for Postgres is taken by another program`, { cause });
}

async function launch(site: Site, port: number, options: EmbeddedPostgresOptions): Promise<Started> {
  const logFile = join(site.folder, "postgres.log");
  const bytesBefore = await shortenLog(logFile);
  const settings = { listen_addresses: LOOPBACK, unix_socket_directories: "", log_checkpoints: "off" };
  const all = Object.entries({ ...settings, ...options.settings });
  const args = ["-D", site.data, "-p", String(port), ...all.flatMap(([name, value]) => ["-c", `${name}=${value}`])];
  const how = launchAs(site.user, join(site.bin, "postgres"), args);
  const output = await open(logFile, "a", 0o600);
  // In a session of its own, Ctrl-C on the terminal reaches only the hub, which stops the server after its last commit.
  const child = spawn(how.command, how.args, {
    ...how.options,
    detached: true,
    stdio: ["ignore", output.fd, output.fd],
  });
  const failure = new Promise<never>((_, reject) => child.once("error", reject));
  await Promise.race([new Promise((resolve) => child.once("spawn", resolve)), failure]).finally(() => output.close());
  const { pid } = child;
  if (pid === undefined) throw new PortnerError("POSTGRES_NOT_STARTED", "the database server has no process id");
  if (await isReady(child, site.data, options.clock)) return { child, pid, port };
  await stopServer(pid, options.clock);
  const text = (await readFile(logFile)).subarray(bytesBefore).subarray(-QUOTED_LOG_BYTES).toString().trim();
  throw new PortnerError("POSTGRES_NOT_STARTED", `the database server did not start: \`${text}\``);
}

async function isReady(child: ChildProcess, data: string, clock: Clock): Promise<boolean> {
  const start = clock.monotonic();
  while (clock.monotonic() - start < START_MS) {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    const postmaster = await readPostmaster(data);
    if (postmaster?.pid === child.pid && postmaster?.isReady === true) return true;
    await delay(POLL_MS);
  }
  return false;
}

async function shortenLog(file: string): Promise<number> {
  const bytes = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (bytes <= LOG_BYTES_MAX) return bytes;
  await rename(file, `${file}.1`);
  return 0;
}
