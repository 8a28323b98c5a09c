import { ENVIRONMENT } from "../process/environment.ts";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseWorld, type World } from "@portner/schema/world";
import { z } from "zod";
import { monotonic, pause } from "../clock.ts";
import { LoadError } from "../fault.ts";
import { startProgram } from "../process/child.ts";
import { freePort } from "../process/port.ts";
import { dashboard, enrolPhone, signIn, type Credentials, type Phone } from "./api.ts";

const PORTNER = fileURLToPath(new URL("../../portner", import.meta.url));
const run = promisify(execFile);

/** Carers set out within this after the last door has come up. */
const CARERS_MS_MAX = 30_000;
const CARERS_POLL_MS = 200;

const Accounts = z.array(z.object({ role: z.string(), login: z.string(), password: z.string() }));
const Running = z.object({ DATABASE_URL: z.string() });

/** A whole installation with a town in it, from outside: as anybody starts it. */
export interface Installation {
  readonly url: string;
  /** The hub's process. */
  readonly pid: number;
  readonly databaseUrl: string;
  readonly world: World;
  /** Folder in which every lock of the simulator has one of its own, by serial number. */
  readonly locksFolder: string;
  /** Text of the integrator's token. */
  readonly token: string;
  /** Sessions of accounts that see every door's events: administration, the hotline, the auditor. */
  readonly screens: readonly string[];
  /** Central administration, signed in. */
  readonly administrator: Credentials;
  /** Enrols phones of so many employees who may open something. */
  phones(count: number): Promise<readonly Phone[]>;
  /** Makes accounts of the hotline and signs them in; gives their cookies. */
  hotline(count: number): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts one with so many locks, whose carers stand still: what moves, moves by the load. */
export async function startInstallation(
  locks: number,
  more: Readonly<Record<string, string>> = {},
): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), "portner-load-"));
  const port = await freePort();
  // One caller asks for a whole town here.
  const environment = { PORTNER_HOME: home, PORT: String(port), LOG_LEVEL: "warn", RATE_LIMIT_FACTOR: "1000", ...more };
  const command = [PORTNER, "demo", "--locks", String(locks)] as const;
  const remove = async (): Promise<void> => {
    await run(PORTNER, ["reset", "--yes"], { env: { ...ENVIRONMENT, ...environment } });
    await rm(home, { recursive: true, force: true });
  };
  const ready = new RegExp(`locks connected ${locks}/${locks}`);
  const { child } = await startProgram(command, { ready, environment }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const carers = await carersOf(child.pid);
  for (const pid of carers) process.kill(pid, "SIGSTOP");
  const wake = (): void => {
    for (const pid of carers) process.kill(pid, "SIGCONT");
  };
  // Who stands still can't see that everything around has ended.
  process.once("exit", wake);
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    process.removeListener("exit", wake);
    wake();
    await child.stop("SIGINT");
    await remove();
  };
  try {
    return { ...(await describe(home, url, environment)), url, pid: child.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function describe(home: string, url: string, environment: Readonly<Record<string, string>>) {
  const read = async (name: string): Promise<string> => readFile(await findFile(home, name), "utf8");
  const { DATABASE_URL } = Running.parse(JSON.parse(await read("running.json")));
  const accounts = Accounts.parse(JSON.parse(await read("accounts.json")));
  const parsed = parseWorld(await read("town.json"));
  const screens: string[] = [];
  for (const account of accounts.filter(({ role }) => "AHD".includes(role))) screens.push(await signIn(url, account));
  const [first] = screens;
  if (!parsed.ok || first === undefined) throw new LoadError("DEMO_CHANGED", "the demo's folder is not what it was");
  const { world } = parsed;
  // Accounts are listed by role, central administration first.
  const administrator = dashboard(url, first);
  return {
    screens,
    world,
    databaseUrl: DATABASE_URL,
    locksFolder: join(await findFile(home, "town.json"), "..", "locks"),
    token: z.object({ text: z.string() }).parse(JSON.parse(await read("integrator.json"))).text,
    administrator,
    phones: (count: number) => phonesOf(world, { url, administrator, count }),
    hotline: (count: number) => hotlineOf(url, environment, count),
  };
}

async function findFile(folder: string, name: string): Promise<string> {
  const found = (await readdir(folder, { recursive: true, withFileTypes: true })).find((entry) => entry.name === name);
  if (found === undefined) throw new LoadError("DEMO_CHANGED", `the demo's folder has no \`${name}\``);
  return join(found.parentPath, found.name);
}

/** The process under the demo that walks the town; it comes last, when all doors are there. */
async function carersOf(parent: number): Promise<readonly number[]> {
  const until = monotonic() + CARERS_MS_MAX;
  for (;;) {
    const found = await walking(parent);
    if (found.length > 0 || monotonic() > until) return found;
    await pause(CARERS_POLL_MS);
  }
}

async function walking(parent: number): Promise<readonly number[]> {
  const { stdout } = await run("ps", ["--ppid", String(parent), "-o", "pid=,args="]);
  const found = stdout.split("\n").filter((line) => line.includes(" carers "));
  return found.map((line) => Number(line.trim().split(" ", 1)[0]));
}

async function phonesOf(
  world: World,
  { url, administrator, count }: { readonly url: string; readonly administrator: Credentials; readonly count: number },
): Promise<readonly Phone[]> {
  const active = new Set(world.employees.flatMap(({ active: works, externalId }) => (works ? [externalId] : [])));
  const members = world.memberships.filter(({ to, employee }) => to === undefined && active.has(employee));
  const phones: Phone[] = [];
  for (const employee of new Set(members.map((each) => each.employee))) {
    if (phones.length === count) return phones;
    const phone = await enrolPhone(url, administrator, employee);
    if (phone.locks.length > 0) phones.push(phone);
  }
  if (phones.length === count) return phones;
  throw new LoadError("TOWN_TOO_SMALL", `only ${phones.length} employees may open something`);
}

async function hotlineOf(
  url: string,
  environment: Readonly<Record<string, string>>,
  count: number,
): Promise<readonly string[]> {
  const cookies: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const login = `load-${n}@fjordby.example`;
    const args = ["account", "create", "--login", login, "--name", `Load ${n}`, "--roles", "H"];
    const { stdout } = await run(PORTNER, args, { env: { ...ENVIRONMENT, ...environment } });
    cookies.push(await signIn(url, { login, password: stdout.trim() }));
  }
  return cookies;
}
