import { join } from "node:path";
import {
  channelFilter,
  DENY_BYTES_MAX,
  DENY_FILTER,
  HUB_CHANNELS,
  LOCK_CHANNELS,
  topicText,
} from "@portner/schema/mqtt";
import type { LockChannel } from "@portner/schema/mqtt";
import type { Random } from "../kernel/random.ts";
import { fail, ok } from "../kernel/result.ts";
import type { Result } from "../kernel/result.ts";
import { HUB_FILTERS, QOS_MAX } from "./access-rules.ts";
import { replaceFile } from "./atomic-file.ts";
import { BROKER_CONNECTIONS_MAX, PACKET_BYTES_MAX } from "./broker-limits.ts";
import type { Credential } from "./credentials.ts";
import { isLoopback } from "./endpoint.ts";
import { isMosquittoVerifier } from "./verifier.ts";

/** Messages that may wait for one client; a fleet's reconnect is about ten thousand events for each hub. */
const QUEUED_MESSAGES_MAX = 20_000;

/** Where Mosquitto listens, and where its files lie. Absolute paths without line breaks. */
export type MosquittoOptions = {
  readonly folder: string;
  readonly host: string;
  readonly port: number;
  /** Certificate chain and private key, PEM files. Needed outside loopback. */
  readonly tls?: { readonly certPath: string; readonly keyPath: string };
  /** Account that Mosquitto drops to when started as root; it must be able to read the files. */
  readonly account?: string;
  /** Where Mosquitto writes its process id, for whoever tells it to read its files again. */
  readonly pidPath?: string;
};

/** Why Mosquitto's files can't be written. */
export type MosquittoFailure =
  | { readonly code: "BROKER_NOT_LOOPBACK"; readonly host: string }
  /** Credentials of which only SHA-256 is known; their locks need new secrets before Mosquitto can know them. */
  | { readonly code: "VERIFIERS_UNFIT"; readonly users: readonly string[] };

/** The content of Mosquitto's three files. */
export type MosquittoFiles = { readonly conf: string; readonly passwd: string; readonly acl: string };

function pathsIn(folder: string) {
  return { conf: join(folder, "mosquitto.conf"), passwd: join(folder, "passwd"), acl: join(folder, "acl") };
}

function renderConf(options: MosquittoOptions): string {
  const { folder, host, port, tls, account, pidPath } = options;
  const paths = pathsIn(folder);
  const lines = [
    "# Written by `portner broker-config`; changes are lost.",
    `listener ${port} ${host}`,
    ...(tls === undefined ? [] : [`certfile ${tls.certPath}`, `keyfile ${tls.keyPath}`, "tls_version tlsv1.2"]),
    "allow_anonymous false",
    // A client can't take another's session: whatever id it sends, its own user name counts.
    "use_username_as_clientid true",
    `max_qos ${QOS_MAX}`,
    `max_connections ${BROKER_CONNECTIONS_MAX}`,
    `password_file ${paths.passwd}`,
    `acl_file ${paths.acl}`,
    "set_tcp_nodelay true",
    `message_size_limit ${DENY_BYTES_MAX}`,
    `max_packet_size ${PACKET_BYTES_MAX}`,
    `max_queued_messages ${QUEUED_MESSAGES_MAX}`,
    "queue_qos0_messages false",
    "persistent_client_expiration 1h",
    // Hubs lay retained documents again at every connect; a queue that survives a restart could only be too late.
    "persistence false",
    "sys_interval 0",
    "log_dest stderr",
    "log_type error",
    "log_type warning",
    "connection_messages false",
    ...(account === undefined ? [] : [`user ${account}`]),
    ...(pidPath === undefined ? [] : [`pid_file ${pidPath}`]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What one lock may do; `keyword` is `topic` below a `user` line, or `pattern` for all users with `%u` as the lock. */
function renderLock(keyword: "topic" | "pattern", tenant: string, lock: string): string[] {
  const own = (channel: LockChannel): string => topicText({ tenant, lock, channel });
  return [
    ...LOCK_CHANNELS.map((channel) => `${keyword} write ${own(channel)}`),
    ...HUB_CHANNELS.map((channel) => `${keyword} read ${own(channel)}`),
    `${keyword} read ${topicText({ tenant, channel: "deny" })}`,
  ];
}

function renderHub(user: string): string[] {
  return [
    `user ${user}`,
    ...HUB_FILTERS.map((filter) => `topic read ${filter}`),
    ...HUB_CHANNELS.map((channel) => `topic write ${channelFilter(channel)}`),
    `topic write ${DENY_FILTER}`,
  ];
}

/**
 * With one tenant, patterns say it exactly and a new lock changes nothing here. A pattern can't tie a user to one of
 * several tenants, so then every lock's topics are spelled out; Mosquitto reads such a list in a time that grows with
 * the square of its length (20,000 locks took over ten seconds): beyond a few thousand, give each tenant a broker.
 */
function renderAcl(credentials: readonly Credential[]): string {
  const hubs = credentials.filter(({ role }) => role === "hub").flatMap(({ user }) => renderHub(user));
  const locks = credentials.flatMap((it) => (it.role === "lock" ? [{ tenant: it.tenant, lock: it.user }] : []));
  const [tenant, ...furtherTenants] = new Set(locks.map((it) => it.tenant));
  const rules =
    tenant !== undefined && furtherTenants.length === 0
      ? renderLock("pattern", tenant, "%u")
      : locks.flatMap((it) => [`user ${it.lock}`, ...renderLock("topic", it.tenant, it.lock)]);
  return [...hubs, ...rules, ""].join("\n");
}

/**
 * Mosquitto's configuration, password file and access list (tried with Debian's 2.0.11): nobody anonymous, everything
 * denied that is not listed.
 * Mosquitto grants every subscription and checks at delivery, and it can't forbid a lock the retained flag on its own
 * topics or a durable session; the router and the signed messages' expiry bear both.
 */
export function renderMosquitto(
  credentials: Iterable<Credential>,
  options: MosquittoOptions,
): Result<MosquittoFiles, MosquittoFailure> {
  const { host, tls } = options;
  if (tls === undefined && !isLoopback(host)) return fail({ code: "BROKER_NOT_LOOPBACK", host });
  const all = [...credentials];
  const unfit = all.filter(({ verifier }) => !isMosquittoVerifier(verifier)).map(({ user }) => user);
  if (unfit.length > 0) return fail({ code: "VERIFIERS_UNFIT", users: unfit });
  return ok({
    conf: renderConf(options),
    passwd: all.map(({ user, verifier }) => `${user}:${verifier}\n`).join(""),
    acl: renderAcl(all),
  });
}

/**
 * Writes Mosquitto's files into an existing folder, each replaced in one step. The configuration comes last, so that it
 * never names a file that is not there. Rejects with the system's error when the folder can't be written.
 */
export async function writeMosquittoFiles(
  credentials: Iterable<Credential>,
  options: MosquittoOptions,
  deps: { readonly random: Random },
): Promise<Result<{ readonly confPath: string }, MosquittoFailure>> {
  const files = renderMosquitto(credentials, options);
  if (!files.ok) return files;
  const paths = pathsIn(options.folder);
  const how = { mode: 0o640, random: deps.random } as const;
  await replaceFile(paths.passwd, files.value.passwd, how);
  await replaceFile(paths.acl, files.value.acl, how);
  await replaceFile(paths.conf, files.value.conf, how);
  return ok({ confPath: paths.conf });
}

/** Makes a running Mosquitto read its password file and access list again. False when there is no such process. */
export function reloadMosquitto(pid: number): boolean {
  try {
    return process.kill(pid, "SIGHUP");
  } catch {
    return false;
  }
}
