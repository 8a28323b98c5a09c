import { createHash } from "node:crypto";
import {
  CONFIG_BUNDLES_MAX,
  CONFIG_PATHS_MAX,
  HEARTBEAT_MS,
  RELOCK_AFTER_CLOSE_MS,
  RELOCK_UNUSED_MS,
  toBase64url,
  type ConfigMessage,
} from "@portner/schema/mqtt";
import type { Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import type { Publisher } from "../mqtt/index.ts";
import type { Keyring } from "./keyring.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";
import type { Signer } from "./signer.ts";
import { configVersions, membershipsOfDoors } from "./store.ts";

/** Locks whose documents are made at once: one query's worth. */
const BATCH_LOCKS = 200;
/** A lock whose digest differs is sent its document again at most this often. */
export const REPAIR_INTERVAL_MS = 10_000;
/** Locks report after a broadcast within this time, so that 20,000 do not report at once. */
const JITTER_MS = 2_000;

/** What publishing `cfg` documents works with. */
export interface ConfigDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly tables: Tables;
  readonly registry: LockRegistry;
  readonly keyring: Keyring;
  readonly signer: Signer;
  readonly publisher: Publisher;
  /** Heartbeat interval of every lock; tests shorten it. */
  readonly heartbeatMs?: number;
}

/** Whether a lock's document with this digest is to be sent. */
type IsDue = (lock: RegisteredLock, digest: string) => boolean;

/** Publishes each lock's `cfg`: signed by the root key, retained, repaired where a lock or the broker holds another. */
export class ConfigPublisher {
  readonly #deps: ConfigDeps;
  readonly #published = new Map<number, { readonly payload: Uint8Array; readonly digest: string }>();
  readonly #repairedAt = new Map<number, number>();

  constructor(deps: ConfigDeps) {
    this.#deps = deps;
  }

  /** Publishes the documents of all locks in service; at each connect, for the broker may have lost them. */
  async publishAll(): Promise<void> {
    await this.#publish([...this.#deps.registry.all()], () => true);
  }

  /**
   * Publishes the documents of some locks that are not as they were published last: a lock verifies each that it gets,
   * and may drop a command for it. What can't be sent now is sent at the next connect.
   */
  async publish(locks: readonly RegisteredLock[]): Promise<void> {
    await this.#publish(locks, (lock, digest) => this.#published.get(lock.lock)?.digest !== digest);
  }

  async #publish(locks: readonly RegisteredLock[], isDue: IsDue): Promise<void> {
    for (let at = 0; at < locks.length; at += BATCH_LOCKS) {
      await this.#publishBatch(locks.slice(at, at + BATCH_LOCKS), isDue);
    }
  }

  async #publishBatch(locks: readonly RegisteredLock[], isDue: IsDue): Promise<void> {
    const memberships = await membershipsOfDoors(
      this.#deps.tables,
      locks.map((lock) => lock.lock),
    );
    const drafts = locks.map((lock) => {
      const mine = memberships.filter((row) => row.lock === lock.lock);
      const bundles = [...new Set(mine.flatMap((row) => (row.bundle === null ? [] : [row.bundle])))];
      const document = this.#document(lock, bundles, [...new Set(mine.map((row) => row.path))]);
      return { lock, document, digest: createHash("sha256").update(JSON.stringify(document)).digest("hex") };
    });
    const versions = await configVersions(
      this.#deps.tables,
      drafts.map(({ lock, digest }) => ({ unit: lock.unit, digest })),
    );
    await Promise.all(
      drafts.map(async ({ lock, document }) => {
        const version = versions.get(lock.unit);
        if (version === undefined) return;
        const payload = this.#deps.signer.sign(lock.tenant, "cfg", { ...document, version });
        const digest = toBase64url(createHash("sha256").update(payload).digest());
        const due = isDue(lock, digest);
        this.#published.set(lock.lock, { payload, digest });
        if (due) await this.#send(lock, payload);
      }),
    );
  }

  /**
   * Takes the document of a unit that left its door off the broker. Every hub does; one that is late may take the next
   * unit's with it, which is mended when the hubs see that it is missing.
   */
  async withdraw(lock: RegisteredLock): Promise<void> {
    this.#published.delete(lock.lock);
    this.#repairedAt.delete(lock.lock);
    await this.#send(lock, new Uint8Array());
  }

  /** A lock proved which document it holds. Another than ours is repaired. */
  async onProof(lock: RegisteredLock, digest: string | undefined): Promise<void> {
    const published = this.#published.get(lock.lock);
    if (published === undefined || published.digest === digest) return;
    await this.#repair(lock, published.payload);
  }

  /** The broker gave back a retained document. One that is missing or not ours is repaired. */
  async onReadBack(lock: RegisteredLock, payload: Uint8Array): Promise<void> {
    const published = this.#published.get(lock.lock);
    if (published === undefined || Buffer.compare(published.payload, payload) === 0) return;
    await this.#repair(lock, published.payload);
  }

  async #repair(lock: RegisteredLock, payload: Uint8Array): Promise<void> {
    const now = this.#deps.clock.monotonic();
    if (now - (this.#repairedAt.get(lock.lock) ?? Number.NEGATIVE_INFINITY) < REPAIR_INTERVAL_MS) return;
    this.#repairedAt.set(lock.lock, now);
    await this.#send(lock, payload);
  }

  async #send(lock: RegisteredLock, payload: Uint8Array): Promise<void> {
    const { tenantId: tenant, lockId } = lock;
    await this.#deps.publisher.publish({ tenant, lock: lockId, channel: "cfg", payload, retain: true });
  }

  // Made from stored facts only, so that every hub signs the same document. The version is put in when it is known.
  #document(lock: RegisteredLock, bundles: readonly string[], paths: readonly string[]): ConfigMessage {
    return {
      v: 1,
      tenant: lock.tenantId,
      lock: lock.lockId,
      unit: lock.unitId,
      version: 1,
      iat: 0,
      bundles: bundles.slice(0, CONFIG_BUNDLES_MAX),
      paths: paths.slice(0, CONFIG_PATHS_MAX),
      keys: this.#deps.keyring.trusted(lock.tenant),
      messageVersions: [1],
      heartbeatMs: this.#deps.heartbeatMs ?? HEARTBEAT_MS,
      jitterMs: JITTER_MS,
      relockAfterCloseMs: RELOCK_AFTER_CLOSE_MS,
      relockUnusedMs: RELOCK_UNUSED_MS,
    };
  }
}
