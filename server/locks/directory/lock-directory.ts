import type { EntryData } from "@portner/schema/journal";
import { isForeign, type JournalTail } from "../../journal/index.ts";
import { pause, type Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import type { Log } from "../../kernel/log.ts";
import { byAddress } from "./address-order.ts";
import { addressText, departmentsAt, type LockPlace } from "./place.ts";
import { bundlesOfLocks, citizensOfLocks, placedDepartments, placedLocks } from "./store.ts";

/** Pause before a failed reading is tried again. */
const RETRY_MS = 500;

/** What the directory works with. */
export interface DirectoryDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Every lock of the hub with its place, in memory, so that rights, lists and live streams need no query. An import or a
 * commissioning has it read anew; until then it shows what was.
 */
export class LockDirectory {
  readonly #deps: DirectoryDeps;
  #byLock: Map<number, LockPlace> = new Map();
  #byId: Map<string, LockPlace> = new Map();
  #bySerial: Map<string, LockPlace> = new Map();
  #byTenant: Map<number, LockPlace[]> = new Map();
  #reading: Promise<void> | undefined;
  #again = false;

  constructor(deps: DirectoryDeps) {
    this.#deps = deps;
  }

  /** Reads all of it. */
  async load(): Promise<void> {
    const { tables } = this.#deps;
    const [locks, departments, bundles, citizens] = await Promise.all([
      placedLocks(tables),
      placedDepartments(tables),
      bundlesOfLocks(tables),
      citizensOfLocks(tables),
    ]);
    const bundlesOf = Map.groupBy(bundles, (each) => each.lock);
    const citizensOf = Map.groupBy(citizens, (each) => each.lock);
    const places = locks.map(({ address, unitModel, unitFirmware, ...row }): LockPlace => ({
      ...row,
      model: unitModel ?? row.model,
      firmware: unitFirmware,
      address: address.id,
      addressText: addressText(address),
      folded: address.folded,
      departments: departmentsAt(departments, row),
      // In one order each time, so that a place that is read anew unchanged is equal to what it was.
      bundleIds: (bundlesOf.get(row.lock) ?? []).map((each) => each.bundleId).toSorted(),
      citizens: (citizensOf.get(row.lock) ?? []).map((each) => each.citizen).toSorted((one, other) => one - other),
    }));
    places.sort(byAddress);
    this.#byLock = new Map(places.map((place) => [place.lock, place]));
    this.#byId = new Map(places.map((place) => [place.lockId, place]));
    this.#bySerial = new Map(places.map((place) => [place.serial, place]));
    this.#byTenant = Map.groupBy(places, (place) => place.tenant);
  }

  /** Follows a tail: what changes places has all of them read anew. */
  follow(tail: Pick<JournalTail, "onBatch">): () => void {
    return tail.onBatch(({ entries }) => {
      for (const entry of entries) {
        if (isForeign(entry)) continue;
        if (entry.kind === "unit.commissioned") this.#takeUnit(entry.data);
        else if (CHANGES_PLACES.has(entry.kind)) this.#readAnew();
      }
    });
  }

  /** Settles when a reading under way has ended. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  byLock(lock: number): LockPlace | undefined {
    return this.#byLock.get(lock);
  }

  /** By public id. */
  byId(lockId: string): LockPlace | undefined {
    return this.#byId.get(lockId);
  }

  bySerial(serial: string): LockPlace | undefined {
    return this.#bySerial.get(serial);
  }

  /** All locks, in no order. */
  all(): IterableIterator<LockPlace> {
    return this.#byLock.values();
  }

  /** A tenant's locks, by address. */
  ofTenant(tenant: number): readonly LockPlace[] {
    return this.#byTenant.get(tenant) ?? [];
  }

  // A thousand units come in a minute when a town begins; each changes two words of one place.
  #takeUnit({ lock, model, firmware }: EntryData["unit.commissioned"]): void {
    const before = this.#byLock.get(lock);
    if (before === undefined || this.#reading !== undefined) return this.#readAnew();
    const after = { ...before, model, firmware };
    this.#byLock.set(lock, after);
    this.#byId.set(after.lockId, after);
    this.#bySerial.set(after.serial, after);
    const neighbours = this.#byTenant.get(after.tenant) ?? [];
    neighbours[neighbours.indexOf(before)] = after;
  }

  #readAnew(): void {
    this.#again = true;
    this.#reading ??= this.#readUntilTrue();
  }

  async #readUntilTrue(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      try {
        await this.load();
      } catch (error) {
        this.#again = true;
        this.#deps.log.warn({ error: String(error) }, "the directory of locks could not be read; trying again");
        await pause(this.#deps.clock, RETRY_MS);
      }
    }
    this.#reading = undefined;
  }
}

const CHANGES_PLACES: ReadonlySet<string> = new Set(["world.imported", "unit.decommissioned"]);
