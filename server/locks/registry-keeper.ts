import { isForeign, type JournalEntry, type TailBatch } from "../journal/index.ts";
import { pause, type Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import type { Keyring } from "./keyring.ts";
import type { LockRegistry, RegisteredLock } from "./registry.ts";
import { unitsInService, type UnitRow } from "./store.ts";
import { publicKeyFrom } from "./verify.ts";

/** What keeping the registry works with. */
export interface RegistryDeps {
  readonly tables: Tables;
  readonly registry: LockRegistry;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly log: Log;
  /** Makes a new tenant's keys known before its locks are. */
  readonly reloadKeys: () => Promise<void>;
  /** Told of locks that came into service or whose surroundings changed. */
  readonly onServiced: (locks: readonly RegisteredLock[]) => void;
}

const RETRY_MS = 500;

/** Keeps the registry of locks in service true to the journal. */
export class RegistryKeeper {
  readonly #deps: RegistryDeps;
  /** Changes run one after another, in journal order. */
  #work: Promise<void> = Promise.resolve();

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  /** Loads all locks in service. */
  async load(): Promise<void> {
    const rows = await unitsInService(this.#deps.tables);
    this.#deps.registry.replaceAll(rows.map((row) => this.#registered(row)));
  }

  /** Follows a tail. */
  take(batch: TailBatch): void {
    const changed = new Set<number>();
    for (const entry of batch.entries) if (!isForeign(entry)) this.#apply(entry, changed);
    if (changed.size > 0) this.#then(() => this.#refresh([...changed]));
  }

  /** Settles when everything taken so far is applied. */
  settled(): Promise<void> {
    return this.#work;
  }

  #apply(entry: JournalEntry, changed: Set<number>): void {
    switch (entry.kind) {
      case "world.imported":
        return this.#then(async () => {
          await this.#deps.reloadKeys();
          await this.load();
          this.#deps.onServiced([...this.#deps.registry.all()]);
        });
      case "unit.commissioned":
      case "lock.quarantined":
      case "lock.released":
        changed.add(entry.data.lock);
        return;
      case "unit.decommissioned":
        return this.#deps.registry.remove(entry.data.lock);
      default:
    }
  }

  async #refresh(locks: readonly number[]): Promise<void> {
    const rows = await unitsInService(this.#deps.tables, locks);
    const registered = rows.map((row) => this.#registered(row));
    for (const lock of registered) this.#deps.registry.put(lock);
    this.#deps.onServiced(registered);
  }

  #then(work: () => Promise<void>): void {
    const attempt = async (): Promise<void> => {
      try {
        await work();
      } catch (error) {
        this.#deps.log.warn({ error: String(error) }, "the registry of locks is behind; trying again");
        await pause(this.#deps.clock, RETRY_MS);
        await attempt();
      }
    };
    this.#work = this.#work.then(attempt);
  }

  #registered(row: UnitRow): RegisteredLock {
    const { publicKey, quarantinedAt, ...rest } = row;
    return {
      ...rest,
      unitKey: publicKeyFrom(publicKey),
      telemetryKey: this.#deps.keyring.telemetryKey(row.tenant, row.unitId),
      quarantined: quarantinedAt !== null,
    };
  }
}
