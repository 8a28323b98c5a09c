import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, cp, lchown, mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/**
 * Who the database server runs as. Postgres refuses to be root, so root either hides behind a user namespace, where
 * files stay where they are even in a 0700 folder, or becomes `nobody`, who must be able to reach every file.
 */
export type PostgresUser = "self" | "namespace" | "nobody";

/** The user `nobody`: it exists on every Linux, so nothing has to be created. */
const NOBODY_ID = 65_534;

/** Where a server that runs as `nobody` keeps what must be reachable to it. */
const READABLE_CACHE = "/var/cache/portner";
const READABLE_DATA = "/var/lib/portner";

/** Only what a server needs: no `PG…` or secret variable of the caller reaches it. */
const ENVIRONMENT = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", TZ: "UTC" };

/** How to start a program as the chosen user. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: { env: Record<string, string>; uid?: number; gid?: number; cwd: string };
}

/**
 * The best user for this process: itself, unless it is root. Root in a namespace is bound by permissions like anybody
 * else, so a clone in another user's private folder is out of its reach.
 */
export function choosePostgresUser(binaries: PostgresBinaries, folder: string): PostgresUser {
  if (process.getuid?.() !== 0) return "self";
  const initdb = join(binaries.root, binaries.bin, "initdb");
  const isInReach = succeeds("namespace", initdb, ["--version"]) && succeeds("namespace", "test", ["-w", folder]);
  return isInReach ? "namespace" : "nobody";
}

function succeeds(user: PostgresUser, program: string, args: readonly string[]): boolean {
  const probe = launchAs(user, program, args);
  return spawnSync(probe.command, probe.args, probe.options).status === 0;
}

/** Command line and options that run `program` as `user`. The process id is the program's own in every case. */
export function launchAs(user: PostgresUser, program: string, args: readonly string[]): Launch {
  const options = { env: ENVIRONMENT, cwd: "/" };
  if (user === "self") return { command: program, args, options };
  if (user === "nobody") return { command: program, args, options: { ...options, uid: NOBODY_ID, gid: NOBODY_ID } };
  const mapping = ["--user", `--map-user=${NOBODY_ID}`, `--map-group=${NOBODY_ID}`];
  return { command: "unshare", args: [...mapping, program, ...args], options };
}

/** Folder of the programs, in a place where `user` can run them; copies them once when it can't. */
export async function reachableBinaries(binaries: PostgresBinaries, user: PostgresUser, log: Log): Promise<string> {
  const here = join(binaries.root, binaries.bin);
  if (user !== "nobody" || succeeds(user, join(here, "initdb"), ["--version"])) return here;
  const home = join(READABLE_CACHE, `postgres-${binaries.release}`);
  const bin = join(home, binaries.bin);
  if (succeeds(user, join(bin, "initdb"), ["--version"])) return bin;
  log.info({ home }, "copying the Postgres programs to where the user nobody can read them");
  const half = `${home}.${process.pid}`;
  await rm(home, { recursive: true, force: true });
  await makeReachable(READABLE_CACHE);
  await cp(binaries.root, half, { recursive: true, verbatimSymlinks: true });
  await openToAll(half);
  await rename(half, home);
  return bin;
}

// Not by `mkdir` alone: root's umask is often 077, and takes the permission away again.
async function makeReachable(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o755);
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

/**
 * Folder that holds `data` for a server whose own folder is `folder`: the one that already does, else `folder`, else a
 * place that the user `nobody` can reach. The other place is derived from the folder's path, so every start finds it.
 * Throws `POSTGRES_UNREACHABLE` rather than begin an empty database beside one that `nobody` can't reach.
 */
export async function reachableDataHome(folder: string, user: PostgresUser, log: Log): Promise<string> {
  const [, elsewhere] = dataHomesOf(folder);
  const isHere = existsSync(join(folder, "data"));
  if (!isHere && existsSync(join(elsewhere, "data"))) return elsewhere;
  if (user !== "nobody" || (await isOpenToAll(folder))) return folder;
  if (isHere) {
    const advice = `give others search permission (chmod o+x) on it and the folders above`;
    throw new PortnerError("POSTGRES_UNREACHABLE", `the user nobody can't reach the data in \`${folder}\`: ${advice}`);
  }
  await makeReachable(READABLE_DATA);
  await makeReachable(elsewhere);
  log.info({ folder: elsewhere }, "keeping the Postgres data where the user nobody can reach it");
  return elsewhere;
}

/** Both places where the data of `folder` may stand: inside it, and elsewhere. */
export function dataHomesOf(folder: string): [string, string] {
  const name = createHash("sha256").update(resolve(folder)).digest("hex").slice(0, 16);
  return [folder, join(READABLE_DATA, name)];
}

async function isOpenToAll(folder: string): Promise<boolean> {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Hands `path` and all below it to the user the server runs as. A namespace's nobody is root outside. */
export async function handOver(path: string, user: PostgresUser): Promise<void> {
  if (user === "self") return;
  const owner = user === "nobody" ? NOBODY_ID : 0;
  const found = await stat(path);
  if (found.uid === owner) return;
  // The top goes last: a hand-over that was cut short is done again.
  if (found.isDirectory()) {
    for (const name of await readdir(path, { recursive: true })) await lchown(join(path, name), owner, owner);
  }
  await lchown(path, owner, owner);
}
