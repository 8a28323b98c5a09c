import { CHALLENGE_LIFE_MS, type AskMessage } from "@portner/schema/mqtt";
import type { Clock } from "../kernel/clock.ts";
import type { Log } from "../kernel/log.ts";
import { TokenBucket, type Rate } from "../kernel/token-bucket.ts";
import type { LockMessage } from "../mqtt/index.ts";
import type { RegisteredLock } from "./registry.ts";
import { ASKS_IN_FLIGHT_MAX } from "./uplink-limits.ts";
import { openSigned } from "./verify.ts";

/**
 * Different questions beyond the limit, within a challenge's life, that only a mad lock can have signed: a sound one has
 * fewer challenges. The broker can repeat a question as often as it likes, but it can't sign one.
 */
export const FLOOD_PROOFS = ASKS_IN_FLIGHT_MAX + 1;

/** Questions beyond the limit that are verified in that time; most may be rubbish in the lock's name. */
const LOOKS_MAX = 2 * FLOOD_PROOFS;

/** So many of these times in a row are no accident of a bad line: half a minute of flooding. */
export const FLOOD_WINDOWS = 3;

/**
 * Events that one lock gets into the journal. A ring of two thousand may come at once, twice; a busy door makes a few
 * thousand a day, and this lets it make forty thousand.
 */
export const JOURNAL_RATE: Rate = { perSecond: 0.5, burst: 4_096 };

/** Where a lock stood when it was found to flood the hub. */
export interface Standing {
  readonly boot: number;
  readonly seq: number;
}

/** What watching works with. */
export interface FloodDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the lock out of service. */
  readonly condemn: (lock: RegisteredLock, standing: Standing) => Promise<void>;
  /** The last event of the unit that is committed. */
  readonly committedOf: (lock: RegisteredLock) => Standing;
  /** Whether a question was asked just now: what the broker kept back and brings all at once is no flood of the lock's. */
  readonly isTimely: (lock: RegisteredLock, ask: AskMessage) => boolean;
}

interface Suspect {
  since: number;
  looks: number;
  readonly challenges: Set<string>;
  /** Windows before this one, without a pause, that were full of proofs. */
  mad: number;
}

/**
 * Finds locks that go on sending more than a sound lock can, by what they signed themselves, and has them taken out of
 * service: whoever only speaks in a lock's name can have its messages dropped, but not the lock quarantined.
 */
export class FloodWatch {
  readonly #deps: FloodDeps;
  readonly #suspects = new Map<number, Suspect>();
  readonly #journalled = new Map<number, TokenBucket>();

  constructor(deps: FloodDeps) {
    this.#deps = deps;
  }

  /** Takes a question that came beyond the limit. */
  async excess(lock: RegisteredLock, message: LockMessage): Promise<void> {
    if (lock.quarantinedAt !== null) return;
    const suspect = this.#suspectOf(lock);
    if (suspect.challenges.size >= FLOOD_PROOFS || suspect.looks >= LOOKS_MAX) return;
    suspect.looks += 1;
    const decoded = openSigned("ask", message.payload, lock);
    if (typeof decoded === "string" || decoded.message.unit !== lock.unitId) return;
    const { challenge, boot } = decoded.message;
    if (suspect.challenges.has(challenge) || !this.#deps.isTimely(lock, decoded.message)) return;
    suspect.challenges.add(challenge);
    if (suspect.challenges.size < FLOOD_PROOFS || suspect.mad + 1 < FLOOD_WINDOWS) return;
    const committed = this.#deps.committedOf(lock);
    await this.#condemn(lock, committed.boot === boot ? committed : { boot, seq: 0 });
  }

  /** An event of the lock's was committed: one that only its own key can have signed. */
  async committed(lock: RegisteredLock): Promise<void> {
    const now = this.#deps.clock.monotonic();
    const bucket = this.#journalled.get(lock.unit) ?? new TokenBucket(JOURNAL_RATE, now);
    this.#journalled.set(lock.unit, bucket);
    if (!bucket.take(now)) await this.#condemn(lock, this.#deps.committedOf(lock));
  }

  /** Forgets who has rested. */
  forgetRested(): void {
    const now = this.#deps.clock.monotonic();
    for (const [unit, { since }] of this.#suspects) if (hasPassed(since, now, 2)) this.#suspects.delete(unit);
    for (const [unit, bucket] of this.#journalled) if (bucket.fullness(now) >= 1) this.#journalled.delete(unit);
  }

  #suspectOf({ unit }: RegisteredLock): Suspect {
    const now = this.#deps.clock.monotonic();
    const held = this.#suspects.get(unit);
    if (held !== undefined && !hasPassed(held.since, now, 1)) return held;
    const wasMad = held !== undefined && held.challenges.size >= FLOOD_PROOFS && !hasPassed(held.since, now, 2);
    const suspect = { since: now, looks: 0, challenges: new Set<string>(), mad: wasMad ? held.mad + 1 : 0 };
    this.#suspects.set(unit, suspect);
    return suspect;
  }

  async #condemn(lock: RegisteredLock, standing: Standing): Promise<void> {
    const { condemn, log } = this.#deps;
    // Once released, it begins anew.
    this.#suspects.delete(lock.unit);
    this.#journalled.delete(lock.unit);
    log.warn({ lock: lock.lockId }, "a lock floods the hub and is taken out of service");
    await condemn(lock, standing);
  }
}

function hasPassed(since: number, now: number, windows: number): boolean {
  return now - since >= windows * CHALLENGE_LIFE_MS;
}
