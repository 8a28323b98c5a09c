import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../kernel/clock.ts";
import { newSecret } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { SharedRun } from "../kernel/shared-run.ts";
import {
  brokerDigest,
  credentialsFile,
  reloadMosquitto,
  startBrokerProcess,
  verifierOfDigest,
  writeMosquittoFiles,
} from "../mqtt/index.ts";
import type { Credential } from "../mqtt/index.ts";
import { mosquittoAccount, startMosquittoProcess, TestBrokerError } from "./mosquitto.ts";
import { pollUntil } from "./poll.ts";
import { freePort } from "./ports.ts";
import { RawMqtt } from "./raw-mqtt.ts";

/** The brokers that the suite knows, as named by `PORTNER_TEST_BROKER`. */
export type BrokerKind = "embedded" | "mosquitto";

/** Who may connect in a test, with the secret that they connect with. */
export type TestCredential = (
  | { readonly role: "hub"; readonly user: string }
  | { readonly role: "lock"; readonly user: string; readonly tenant: string }
) & { readonly secret: string };

/** A real broker in a process of its own. */
export type TestBroker = {
  readonly kind: BrokerKind;
  /** Stays the same over `restart`. */
  readonly url: string;
  pid(): number;
  /** `kill -9`, and waits for the end. */
  kill(): Promise<void>;
  /** Starts it again, on the same port with the same credentials. */
  restart(): Promise<void>;
  /** Resolves when the broker knows them. */
  addCredentials(added: readonly TestCredential[]): Promise<void>;
  /** The same for what is known only as it is stored, of a lock that was just commissioned. */
  addStored(credential: Credential): Promise<void>;
  /** Resolves when the broker has forgotten them. */
  removeCredentials(users: readonly string[]): Promise<void>;
  /** Ends it, and removes its files. */
  stop(): Promise<void>;
};

/** A running process of either kind. */
type Running = { readonly pid: number; readonly exited: Promise<unknown>; reload(): Promise<void> };

type Folder = { readonly path: string; readonly port: number };

const HOST = "127.0.0.1";
const START_MS = 10_000;

/** The kind of broker that this run of the suite is about. */
export function brokerKind(): BrokerKind {
  const kind = process.env["PORTNER_TEST_BROKER"] ?? "embedded";
  if (kind === "embedded" || kind === "mosquitto") return kind;
  throw new TestBrokerError("TEST_BROKER_UNKNOWN", `PORTNER_TEST_BROKER is \`${kind}\`, not embedded or mosquitto`);
}

/** Fresh credentials of a hub or a lock, with a random secret. */
export function testCredential(who: { user: string; tenant?: string }): TestCredential {
  const { user, tenant } = who;
  const secret = newSecret(systemRandom);
  return tenant === undefined ? { role: "hub", user, secret } : { role: "lock", user, tenant, secret };
}

/** What a broker stores of test credentials. */
export function storedCredential({ secret, ...who }: TestCredential): Credential {
  return { ...who, verifier: verifierOfDigest(brokerDigest(secret)) };
}

async function startEmbedded({ path, port }: Folder, credentials: () => readonly Credential[]): Promise<Running> {
  const file = credentialsFile(join(path, "credentials.jsonl"), systemRandom);
  await file.write(credentials());
  const credentialsPath = join(path, "credentials.jsonl");
  const started = await startBrokerProcess({
    host: HOST,
    port,
    credentialsPath,
    logLevel: "error",
    clock: systemClock,
  });
  if (!started.ok) throw new TestBrokerError("TEST_BROKER_FAILED", `embedded broker: \`${started.failure.code}\``);
  const broker = started.value;
  return {
    pid: broker.pid,
    exited: broker.exited,
    reload: async () => {
      await file.write(credentials());
      const reloaded = await broker.reload();
      if (!reloaded.ok)
        throw new TestBrokerError("TEST_BROKER_FAILED", `embedded broker: \`${reloaded.failure.code}\``);
    },
  };
}

async function startMosquitto({ path, port }: Folder, credentials: () => readonly Credential[]): Promise<Running> {
  const write = async (): Promise<string> => {
    const options = { folder: path, host: HOST, port, ...mosquittoAccount() };
    const written = await writeMosquittoFiles(credentials(), options, { random: systemRandom });
    if (written.ok) return written.value.confPath;
    throw new TestBrokerError("TEST_BROKER_FAILED", `Mosquitto's files: \`${written.failure.code}\``);
  };
  const { pid, exited } = await startMosquittoProcess(await write(), port);
  return {
    pid,
    exited,
    reload: async () => {
      await write();
      reloadMosquitto(pid);
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether the broker lets them in; ends a connection that they have. */
async function knows(url: string, { user, secret }: TestCredential): Promise<boolean> {
  const client = new RawMqtt(url);
  const welcome = await client.connect({ clientId: user, user, secret });
  client.cut();
  return welcome === 0;
}

async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  if (await pollUntil(condition, START_MS)) return;
  throw new TestBrokerError("TEST_BROKER_FAILED", `the broker did not ${what} within ${START_MS} ms`);
}

/**
 * Starts a real broker for a test: the kind that `PORTNER_TEST_BROKER` names (`embedded` unless set), or the given one.
 * Throws by name when it is missing; nothing is skipped.
 */
export async function startTestBroker(options: {
  readonly credentials: readonly TestCredential[];
  readonly kind?: BrokerKind;
}): Promise<TestBroker> {
  const kind = options.kind ?? brokerKind();
  const known = new Map<string, { given?: TestCredential; stored: Credential }>(
    options.credentials.map((it) => [it.user, { given: it, stored: storedCredential(it) }]),
  );
  const folder = { path: await mkdtemp(join(tmpdir(), "portner-broker-")), port: await freePort() };
  const url = `mqtt://${HOST}:${folder.port}`;
  const stored = (): Credential[] => [...known.values()].map((it) => it.stored);
  const start = (): Promise<Running> => (kind === "embedded" ? startEmbedded : startMosquitto)(folder, stored);

  let running = await start();
  // Many locks come at once, and two files written at once may land in either order.
  const reloads = new SharedRun(() => running.reload());
  const kill = async (): Promise<void> => {
    if (isAlive(running.pid)) process.kill(running.pid, "SIGKILL");
    await running.exited;
  };
  return {
    kind,
    url,
    pid: () => running.pid,
    kill,
    restart: async () => {
      await kill();
      running = await start();
    },
    addCredentials: async (added) => {
      for (const it of added) known.set(it.user, { given: it, stored: storedCredential(it) });
      await reloads.ask();
      const last = added.at(-1);
      if (last !== undefined) await until(() => knows(url, last), "learn of new credentials");
    },
    addStored: async (credential) => {
      known.set(credential.user, { stored: credential });
      await reloads.ask();
    },
    removeCredentials: async (users) => {
      const last = known.get(users.at(-1) ?? "")?.given;
      for (const user of users) known.delete(user);
      await reloads.ask();
      if (last !== undefined) await until(async () => !(await knows(url, last)), "forget credentials");
    },
    stop: async () => {
      await kill();
      await rm(folder.path, { recursive: true, force: true });
    },
  };
}
