import { REFUSED_COMMANDS_MAX, type RefusalReason } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";
import type { Counters } from "../ground/counters.ts";
import type { Flash } from "./flash.ts";
import type { LockTime } from "./lock-time.ts";
import type { Recorder } from "./recorder.ts";

/** Shortest time between two summaries of refusals, in milliseconds; an attacker must not wear out the flash. */
export const REFUSED_SUMMARY_MS = 10_000;

interface Deps {
  readonly clock: Clock;
  readonly flash: Flash;
  readonly time: LockTime;
  readonly recorder: Recorder;
  readonly counters: Counters;
}

/** Counts what a lock refuses, and tells it in sums: the first at once, then rarely, and never in place of another event. */
export class Refusals {
  readonly #deps: Deps;
  readonly #counts = new Map<RefusalReason, number>();
  readonly #commands = new Map<string, RefusalReason>();
  #from = 0;
  #to = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Notes a refusal. `command` only when its signature was verified, so that the id is the hub's own. */
  note(reason: RefusalReason, command?: string): void {
    const now = this.#deps.time.now();
    if (this.#counts.size === 0) this.#from = now;
    this.#to = Math.max(now, this.#from);
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    this.#deps.counters.add(reason);
    if (command !== undefined && this.#commands.size < REFUSED_COMMANDS_MAX) this.#name(command, reason);
    if (this.#cancel === undefined) this.#summarise();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #name(command: string, reason: RefusalReason): void {
    // An id that was obeyed once is not refused by a late copy of it, whatever check stops the copy.
    const told = this.#deps.flash.isUsed(command) ? "REPEATED" : reason;
    this.#commands.set(command, told);
  }

  #summarise(): void {
    this.#cancel = undefined;
    if (this.#counts.size === 0 || this.#stopped) return;
    this.#cancel = this.#deps.clock.after(REFUSED_SUMMARY_MS, () => this.#summarise());
    if (!this.#deps.flash.ring.hasRoom) return;
    const counts = Object.fromEntries(this.#counts);
    const commands = [...this.#commands].map(([id, reason]) => ({ id, reason }));
    this.#counts.clear();
    this.#commands.clear();
    this.#deps.recorder
      .record({ kind: "refused", from: this.#from, to: this.#to, counts, commands })
      .catch(() => this.#deps.counters.add("FLASH_FAILED"));
  }
}
