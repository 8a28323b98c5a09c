import { isForeign, type JournalEntry, type TailBatch } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
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
  /** Told of a unit that left its door. */
  readonly onLeft: (lock: RegisteredLock) => void;
}

/** Pause before what failed is tried again; doubled each time, because Postgres may be away for long. */
const RETRY_MS_MIN = 500;
/** The longest pause: a hub whose Postgres is back must not be behind for longer than its index may be. */
const RETRY_MS_MAX = 2_000;

/** Keeps the registry of locks in service true to the journal. */
export class RegistryKeeper {
  readonly #deps: RegistryDeps;
  /** Locks to be read anew: at most as many as there are, however long Postgres is away. */
  #changed = new Set<number>();
  #isReloadDue = false;
  #work: Promise<void> | undefined;
  #stopped = false;
  #wake: () => void = () => undefined;

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
    if (this.#stopped) return;
    for (const entry of batch.entries) if (!isForeign(entry)) this.#see(entry);
    if (this.#isDue()) this.#work ??= this.#catchUp();
  }

  /** Settles when everything taken so far is applied, or given up because the hub stops. */
  settled(): Promise<void> {
    return this.#work ?? Promise.resolve();
  }

  /** Gives up what is not applied yet. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#work;
  }

  #see(entry: JournalEntry): void {
    switch (entry.kind) {
      case "world.imported":
        this.#isReloadDue = true;
        return;
      case "unit.decommissioned":
        this.#retire(entry.data);
        return;
      case "unit.commissioned":
      case "lock.quarantined":
      case "lock.released":
        this.#changed.add(entry.data.lock);
        return;
      default:
    }
  }

  // At once: nothing more may be sent to it or believed of it, whatever becomes of the reading that follows.
  #retire({ lock, unit }: { readonly lock: number; readonly unit: number }): void {
    this.#changed.add(lock);
    const held = this.#deps.registry.byLock(lock);
    if (held?.unit !== unit) return;
    this.#deps.registry.remove(lock);
    this.#deps.onLeft(held);
  }

  #isDue(): boolean {
    return this.#isReloadDue || this.#changed.size > 0;
  }

  async #catchUp(): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    while (this.#isDue() && !this.#stopped) {
      const changed = this.#changed;
      const isReload = this.#isReloadDue;
      this.#changed = new Set();
      this.#isReloadDue = false;
      try {
        await (isReload ? this.#reload() : this.#refresh([...changed]));
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        this.#changed = this.#changed.union(changed);
        this.#isReloadDue ||= isReload;
        this.#deps.log.warn({ error: String(error) }, "the registry of locks is behind; trying again");
        await this.#pause(retryMs);
        retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
      }
    }
    this.#work = undefined;
  }

  #pause(delayMs: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(delayMs, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async #reload(): Promise<void> {
    await this.#deps.reloadKeys();
    await this.load();
    this.#deps.onServiced([...this.#deps.registry.all()]);
  }

  async #refresh(locks: readonly number[]): Promise<void> {
    const rows = await unitsInService(this.#deps.tables, locks);
    const registered = rows.map((row) => this.#registered(row));
    for (const lock of locks) if (!rows.some((row) => row.lock === lock)) this.#deps.registry.remove(lock);
    for (const lock of registered) this.#deps.registry.put(lock);
    this.#deps.onServiced(registered);
  }

  #registered(row: UnitRow): RegisteredLock {
    const { publicKey, quarantinedAt, ...rest } = row;
    return {
      ...rest,
      unitKey: publicKeyFrom(publicKey),
      telemetryKey: this.#deps.keyring.telemetryKey(row.tenant, row.unitId),
      quarantinedAt: quarantinedAt?.getTime() ?? null,
    };
  }
}
