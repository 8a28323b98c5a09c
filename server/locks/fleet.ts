import type { TelemetryMessage } from "@portner/schema/mqtt";
import { HEARTBEAT_MS, SILENT_AFTER_HEARTBEATS } from "@portner/schema/mqtt";
import type { Instant } from "../kernel/clock.ts";
import { advancedLock, settleOverdue, UNKNOWN_LOCK, type LockState } from "./lock-state.ts";
import type { LockEntry } from "./event-entry.ts";
import { UnitSequencer } from "./sequencer.ts";

/** How fresh what we know of a lock is, by its own heartbeat: within 1.5, within 3, beyond, or never a word. */
export type Freshness = "live" | "late" | "silent" | "never";

const LATE_AFTER_HEARTBEATS = 1.5;

/** Everything the hub holds in memory of one unit. */
interface UnitMemory {
  readonly lock: number;
  readonly sequencer: UnitSequencer;
  state: LockState;
  /** Journal number up to which the state is known to reach; 0 while nothing was. */
  sequence: number;
  telemetry: TelemetryMessage | undefined;
  telemetryAt: Instant | undefined;
  /** Whether `telemetryAt` is when that heartbeat came: what was stored may have been heard of by an event since. */
  isTelemetryTimed: boolean;
  heardAt: Instant | undefined;
}

/** What is shown of a lock, as of one moment. */
export interface BoardEntry {
  readonly state: LockState;
  readonly telemetry: TelemetryMessage | undefined;
  readonly telemetryAt: Instant | undefined;
  readonly heardAt: Instant | undefined;
  readonly freshness: Freshness;
  /** Whether telemetry, newer than the events, shows another fact than they do. */
  readonly doubtful: boolean;
}

/** What was stored of a unit, to begin with. */
export interface StoredUnit {
  readonly unit: number;
  readonly lock: number;
  readonly boot: number;
  readonly contiguous: number;
  readonly state: LockState | undefined;
  readonly sequence: number;
  readonly telemetry: TelemetryMessage | undefined;
  readonly heardAt: Instant | undefined;
}

/** What a hub knows of a unit's clock. */
export interface UnitClock {
  /** Newest boot that anything was heard of. */
  readonly boot: number;
  readonly telemetry: TelemetryMessage | undefined;
  /** When that was heard, by the hub's clock; absent when this hub has not heard it itself. */
  readonly telemetryAt: Instant | undefined;
}

/** Told when something about a lock changed that people look at. */
export type BoardListener = (lock: number) => void;

/**
 * The lock board: what every lock last said, in memory. Facts come from signed events only; telemetry refreshes the
 * time a lock was heard, or casts doubt.
 */
export class LockFleet {
  readonly #units = new Map<number, UnitMemory>();
  readonly #dirty = new Set<number>();
  readonly #listeners = new Set<BoardListener>();

  /** Takes what was stored; units known already keep what they have heard since. */
  restore(stored: Iterable<StoredUnit>): void {
    for (const unit of stored) {
      if (this.#units.has(unit.unit)) continue;
      const { lock, boot, contiguous, state = UNKNOWN_LOCK, sequence, telemetry, heardAt } = unit;
      const sequencer = new UnitSequencer({ boot, contiguous });
      const telemetryAt = telemetry === undefined ? undefined : heardAt;
      const heard = { telemetry, telemetryAt, isTelemetryTimed: false, heardAt };
      this.#units.set(unit.unit, { lock, sequencer, state, sequence, ...heard });
    }
  }

  /** Drops what is known of a unit that left its door. */
  forget(unit: number): void {
    const memory = this.#units.get(unit);
    this.#units.delete(unit);
    this.#dirty.delete(unit);
    if (memory !== undefined) this.#tell(memory.lock);
  }

  onChange(listener: BoardListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  sequencerOf(unit: number, lock: number): UnitSequencer {
    return this.#memory(unit, lock).sequencer;
  }

  stateOf(unit: number, lock: number): LockState {
    return this.#memory(unit, lock).state;
  }

  /** Takes an event that stands in the journal, once, whoever recorded it. Answers whether it was news. */
  commit(
    at: { readonly unit: number; readonly lock: number },
    entry: LockEntry,
    content?: string,
    sequence = 0,
  ): boolean {
    const memory = this.#memory(at.unit, at.lock);
    if (!memory.sequencer.advance(entry.data.boot, entry.data.sequence, content)) return false;
    memory.state = advancedLock(memory.state, entry);
    memory.sequence = Math.max(memory.sequence, sequence);
    this.#tell(at.lock);
    return true;
  }

  /** Notes that an authentic message of a lock was heard. */
  heard(unit: number, lock: number, at: Instant): void {
    const memory = this.#memory(unit, lock);
    memory.heardAt = Math.max(memory.heardAt ?? 0, at);
    this.#dirty.add(unit);
  }

  /** Takes authentic telemetry; a reading that is not newer than the one held is dropped, and says nothing of now. */
  takeTelemetry(unit: number, lock: number, telemetry: TelemetryMessage, at: Instant): void {
    const memory = this.#memory(unit, lock);
    const held = memory.telemetry;
    // The broker may repeat an old reading for ever: only a newer one is a sign of life.
    const newer =
      held === undefined || telemetry.boot > held.boot || (telemetry.boot === held.boot && telemetry.at > held.at);
    if (!newer) return;
    this.heard(unit, lock, at);
    memory.telemetry = telemetry;
    memory.telemetryAt = at;
    memory.isTelemetryTimed = true;
    this.#tell(lock);
  }

  /** What is known of a unit's clock, by the boots it was heard of in and its last heartbeat. */
  clockOf(unit: number): UnitClock {
    const memory = this.#units.get(unit);
    const boot = Math.max(memory?.sequencer.committed.boot ?? 0, memory?.telemetry?.boot ?? 0);
    const telemetryAt = memory?.isTelemetryTimed === true ? memory.telemetryAt : undefined;
    return { boot, telemetry: memory?.telemetry, telemetryAt };
  }

  /** What is known of a unit now; `undefined` where it was never heard of. What another unit in its place said is no news of it. */
  entryOf({ unit }: { readonly unit: number }, now: Instant): BoardEntry | undefined {
    const memory = this.#units.get(unit);
    if (memory === undefined) return undefined;
    const state = settleOverdue(memory.state, now);
    const { telemetry, telemetryAt, heardAt } = memory;
    return {
      state,
      telemetry,
      telemetryAt,
      heardAt,
      freshness: freshnessOf(memory, now),
      doubtful: isDoubtful(memory),
    };
  }

  /** Units heard since the last call, with what is to be stored of them. */
  takeDirty(max: number): { unit: number; telemetry: TelemetryMessage | undefined; heardAt: Instant | undefined }[] {
    const taken = [];
    for (const unit of this.#dirty) {
      if (taken.length >= max) break;
      this.#dirty.delete(unit);
      const memory = this.#units.get(unit);
      if (memory !== undefined) taken.push({ unit, telemetry: memory.telemetry, heardAt: memory.heardAt });
    }
    return taken;
  }

  #memory(unit: number, lock: number): UnitMemory {
    const held = this.#units.get(unit);
    if (held !== undefined) return held;
    const made: UnitMemory = {
      lock,
      sequencer: new UnitSequencer({ boot: 0, contiguous: 0 }),
      state: UNKNOWN_LOCK,
      sequence: 0,
      telemetry: undefined,
      telemetryAt: undefined,
      isTelemetryTimed: false,
      heardAt: undefined,
    };
    this.#units.set(unit, made);
    return made;
  }

  #tell(lock: number): void {
    for (const listener of this.#listeners) listener(lock);
  }
}

function freshnessOf({ heardAt, telemetry }: UnitMemory, now: Instant): Freshness {
  if (heardAt === undefined) return "never";
  const heartbeats = (now - heardAt) / (telemetry?.intervalMs ?? HEARTBEAT_MS);
  if (heartbeats < LATE_AFTER_HEARTBEATS) return "live";
  return heartbeats < SILENT_AFTER_HEARTBEATS ? "late" : "silent";
}

// Telemetry that knows of later events than we do is simply ahead of us; only an equally informed one can contradict.
function isDoubtful({ state, telemetry, sequencer }: UnitMemory): boolean {
  const { boot, sequence } = sequencer.committed;
  if (telemetry === undefined || telemetry.boot !== boot || telemetry.seq !== sequence) return false;
  const { facts } = telemetry;
  const settled = state.bolt.value !== "withdrawing" && state.bolt.value !== "throwing";
  return (
    (settled && differ(state.bolt.value, facts.bolt)) ||
    differ(state.latch.value, facts.latch) ||
    differ(state.door.value, facts.door)
  );
}

function differ(known: string, hinted: string): boolean {
  return known !== "unknown" && hinted !== "unknown" && known !== hinted;
}
