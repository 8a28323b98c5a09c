import type { KeyObject } from "node:crypto";
import type { Instant } from "../kernel/clock.ts";

/** A lock in service: the place, the unit that holds it now, and what is needed to hear and to address it. */
export interface RegisteredLock {
  readonly lock: number;
  readonly lockId: string;
  readonly door: number;
  readonly tenant: number;
  readonly tenantId: string;
  readonly serial: string;
  readonly unit: number;
  readonly unitId: string;
  readonly unitKey: KeyObject;
  readonly telemetryKey: Uint8Array;
  /** Since when nothing more is believed of it; null for a sound one. */
  readonly quarantinedAt: Instant | null;
}

/** The locks in service, by each name they go by. Replaced whole on a reload, changed one by one by the tail. */
export class LockRegistry {
  #byLock = new Map<number, RegisteredLock>();
  #byId = new Map<string, RegisteredLock>();
  #byUnitId = new Map<string, RegisteredLock>();

  /** Locks in service. */
  get size(): number {
    return this.#byLock.size;
  }

  /** All of them, in no order. */
  all(): IterableIterator<RegisteredLock> {
    return this.#byLock.values();
  }

  byLock(lock: number): RegisteredLock | undefined {
    return this.#byLock.get(lock);
  }

  /** By the id in topics. */
  byId(lockId: string): RegisteredLock | undefined {
    return this.#byId.get(lockId);
  }

  byUnitId(unitId: string): RegisteredLock | undefined {
    return this.#byUnitId.get(unitId);
  }

  replaceAll(locks: Iterable<RegisteredLock>): void {
    this.#byLock = new Map();
    this.#byId = new Map();
    this.#byUnitId = new Map();
    for (const lock of locks) this.put(lock);
  }

  put(lock: RegisteredLock): void {
    this.remove(lock.lock);
    this.#byLock.set(lock.lock, lock);
    this.#byId.set(lock.lockId, lock);
    this.#byUnitId.set(lock.unitId, lock);
  }

  remove(lock: number): void {
    const held = this.#byLock.get(lock);
    if (held === undefined) return;
    this.#byLock.delete(lock);
    this.#byId.delete(held.lockId);
    this.#byUnitId.delete(held.unitId);
  }
}
