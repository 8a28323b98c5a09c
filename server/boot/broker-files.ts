import { join } from "node:path";
import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { sqlState, type Tables } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";
import { SharedRun } from "../kernel/shared-run.ts";
import { brokerCredentials } from "../locks/index.ts";
import {
  brokerDigest,
  credentialsFile,
  readCredentials,
  reloadMosquitto,
  verifierOfDigest,
  writeMosquittoFiles,
  type Credential,
} from "../mqtt/index.ts";
import type { BrokerCredentials } from "./hub-options.ts";
import { readIfThere, writePrivate } from "./private-file.ts";

/** Everybody who may connect, as the embedded broker reads it. */
const ALL_FILE = "credentials.jsonl";
/** The hubs' part of it. Locks stand in the database; what hubs connect with stands nowhere else. */
const HUBS_FILE = "hubs.jsonl";
/** How Mosquitto was set up, so that its files can be written again. */
const MOSQUITTO_FILE = "mosquitto.json";

/** Postgres's state of a table that is not there. */
const NO_TABLE = "42P01";

/** Another hub on the same folder may write at the same moment what it read earlier; this much later all is written. */
const AGAIN_MS = 2_000;

/** How Mosquitto listens. See `MosquittoOptions`. */
export const MosquittoSetup = z.strictObject({
  host: z.string(),
  port: z.int(),
  tls: z.strictObject({ certPath: z.string(), keyPath: z.string() }).optional(),
  account: z.string().optional(),
  pidPath: z.string().optional(),
});
/** See {@link MosquittoSetup}. */
export type MosquittoSetup = z.infer<typeof MosquittoSetup>;

/** What the files are written from. */
export interface BrokerFilesDeps {
  /** Where the locks' digests stand; absent while there is no database yet. */
  readonly tables?: Tables | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Makes a broker of our own read its file at once. */
  readonly reload?: (() => Promise<void>) | undefined;
}

/** File from which the embedded broker learns who may connect. */
export function credentialsPathIn(folder: string): string {
  return join(folder, ALL_FILE);
}

/**
 * The broker's files in one folder, always written whole from the database and from the hubs' credentials: the embedded
 * broker's, and Mosquitto's where it was set up there.
 */
export class BrokerFiles implements BrokerCredentials {
  readonly #folder: string;
  readonly #deps: BrokerFilesDeps;
  readonly #written = new SharedRun(() => this.#write());
  #cancel: () => void = () => undefined;

  constructor(folder: string, deps: BrokerFilesDeps) {
    this.#folder = folder;
    this.#deps = deps;
  }

  /** Lets a hub in under this name, with this secret and no other. */
  async addHub(user: string, secret: string): Promise<void> {
    const file = credentialsFile(join(this.#folder, HUBS_FILE), this.#deps.random);
    const verifier = verifierOfDigest(brokerDigest(secret));
    const added = await file.add([{ user, role: "hub", verifier }]);
    if (!added.ok) throw unreadable(added.failure.code, HUBS_FILE);
  }

  /** Sets Mosquitto up in this folder; its files are written at the next {@link sync}. */
  async setUpMosquitto(setup: MosquittoSetup): Promise<void> {
    await writePrivate(join(this.#folder, MOSQUITTO_FILE), JSON.stringify(setup));
  }

  /** The lock's row is committed already, so that writing everything includes it. */
  async add(): Promise<void> {
    await this.sync();
    this.renew();
  }

  /** The unit's row says that it left, so that writing everything leaves it out. */
  remove(): Promise<void> {
    return this.add();
  }

  /** Writes all files once more, a little later. */
  renew(): void {
    this.#cancel();
    this.#cancel = this.#deps.clock.after(AGAIN_MS, () => {
      this.sync().catch((error: unknown) => {
        this.#deps.log.error({ error: String(error) }, "the broker's files were not written");
      });
    });
  }

  /** Writes all files from what is true after this call began. Calls at the same time share a write. */
  sync(): Promise<void> {
    return this.#written.ask();
  }

  /** Writes no more by itself. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#written.settled();
  }

  async #write(): Promise<void> {
    const { random, reload } = this.#deps;
    const all = [...(await this.#hubs()), ...(await this.#locks())];
    await credentialsFile(join(this.#folder, ALL_FILE), random).write(all);
    await this.#writeMosquitto(all);
    await reload?.();
  }

  async #hubs(): Promise<readonly Credential[]> {
    const read = await readCredentials(join(this.#folder, HUBS_FILE));
    if (read.ok) return [...read.value.values()];
    if (read.failure.code === "CREDENTIALS_MISSING") return [];
    throw unreadable(read.failure.code, HUBS_FILE);
  }

  async #locks(): Promise<readonly Credential[]> {
    if (this.#deps.tables === undefined) return [];
    const rows = await brokerCredentials(this.#deps.tables).catch((error: unknown) => {
      // A database that no hub has used yet knows no lock.
      if (sqlState(error) === NO_TABLE) return [];
      throw error;
    });
    return rows.map(({ lockId, tenantId, secretDigest }) => {
      return { user: lockId, role: "lock", tenant: tenantId, verifier: verifierOfDigest(secretDigest) };
    });
  }

  async #writeMosquitto(all: readonly Credential[]): Promise<void> {
    const text = await readIfThere(join(this.#folder, MOSQUITTO_FILE));
    if (text === undefined) return;
    const { tls, account, pidPath, ...where } = MosquittoSetup.parse(JSON.parse(text));
    const options = {
      folder: this.#folder,
      ...where,
      ...(tls !== undefined && { tls }),
      ...(account !== undefined && { account }),
      ...(pidPath !== undefined && { pidPath }),
    };
    const written = await writeMosquittoFiles(all, options, { random: this.#deps.random });
    if (!written.ok) throw new PortnerError(written.failure.code, "Mosquitto's files can't be written like this");
    const pid = pidPath === undefined ? Number.NaN : Number(await readIfThere(pidPath));
    if (Number.isSafeInteger(pid) && pid > 1) reloadMosquitto(pid);
  }
}

function unreadable(code: string, file: string): PortnerError {
  return new PortnerError(code, `\`${file}\` in the broker's folder can't be read; remove it and run broker-config`);
}
