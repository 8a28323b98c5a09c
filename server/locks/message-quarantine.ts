import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import type { LockMessage } from "../mqtt/index.ts";
import type { RegisteredLock } from "./registry.ts";
import type { IntakeFault } from "./verify.ts";

/** Messages kept a lock and hour: enough to see what is wrong, too few to fill a disk. */
export const KEPT_A_LOCK_AND_HOUR = 10;
/** Kept in an hour from anybody, so that a thousand names can't do what one may not. */
export const KEPT_AN_HOUR = 500;
const HOUR_MS = 3_600_000;
/** The beginning of a message tells what it is. */
export const KEPT_BYTES_MAX = 1_024;

/** A message that made no sense, as it is kept for inspection. */
export interface KeptMessage {
  readonly tenant: number | undefined;
  readonly lock: number | undefined;
  readonly channel: string;
  readonly fault: string;
  readonly payload: Uint8Array;
  readonly bytes: number;
  readonly receivedAt: number;
}

/** Counts every message that made no sense and keeps the first few: bounded, visible, never fatal. */
export class MessageQuarantine {
  readonly #deps: { readonly clock: Clock; readonly log: Log; readonly store: (message: KeptMessage) => Promise<void> };
  readonly #counts = new Map<string, number>();
  #hour = 0;
  #keptByLock = new Map<number, number>();
  #kept = 0;

  constructor(deps: {
    readonly clock: Clock;
    readonly log: Log;
    readonly store: (message: KeptMessage) => Promise<void>;
  }) {
    this.#deps = deps;
  }

  /** How many were seen since the start, by channel and fault. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** Counts a message, and keeps it where there is room. Never throws. */
  async keep(message: LockMessage, fault: IntakeFault, lock: RegisteredLock | undefined): Promise<void> {
    const label = `${message.channel}:${fault}`;
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
    if (!this.#hasRoom(lock?.lock ?? 0)) return;
    try {
      await this.#deps.store({
        tenant: lock?.tenant,
        lock: lock?.lock,
        channel: message.channel,
        fault,
        payload: message.payload.subarray(0, KEPT_BYTES_MAX),
        bytes: message.payload.length,
        receivedAt: this.#deps.clock.now(),
      });
    } catch (error) {
      this.#deps.log.warn({ fault, error: String(error) }, "a message that made no sense could not be kept");
    }
  }

  #hasRoom(lock: number): boolean {
    const hour = Math.floor(this.#deps.clock.now() / HOUR_MS);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#keptByLock = new Map();
      this.#kept = 0;
    }
    const mine = this.#keptByLock.get(lock) ?? 0;
    if (mine >= KEPT_A_LOCK_AND_HOUR || this.#kept >= KEPT_AN_HOUR) return false;
    this.#keptByLock.set(lock, mine + 1);
    this.#kept += 1;
    return true;
  }
}
