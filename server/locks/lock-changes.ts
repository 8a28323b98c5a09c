import type { Clock } from "../kernel/clock.ts";
import type { LockFeed } from "./lock-feed.ts";
import type { LockView } from "./lock-view.ts";

/** What a stream of locks says: first the snapshot, then each change; `beat` where nothing was said for a while. */
export type LockChange =
  | { readonly kind: "snapshot" | "changed"; readonly view: LockView }
  /** The snapshot is complete. */
  | { readonly kind: "snapshotEnd" }
  /** The lock no longer matches, or is no longer the caller's to see. */
  | { readonly kind: "left"; readonly lockId: string }
  | { readonly kind: "beat" };

/** What a stream of locks needs. */
export interface LockChangesOptions {
  readonly clock: Clock;
  readonly feed: LockFeed;
  readonly beatMs: number;
  /** Locks to begin with, in the order to show them. */
  readonly begin: readonly number[];
  /** The lock as this caller may see it now; nothing where it does not match or is none of the caller's business. */
  readonly look: (lock: number) => LockView | undefined;
}

/**
 * The locks that match, then what changes about them. A lock that changes faster than the reader reads is shown once, as
 * it is then: memory is bounded by the number of locks, and no reader sees an old state after a newer one.
 */
export class LockChanges implements AsyncIterableIterator<LockChange> {
  readonly #options: LockChangesOptions;
  readonly #pending = new Set<number>();
  /** Public ids of what the reader has been shown and not been told to forget. */
  readonly #shown = new Map<number, string>();
  readonly #disconnect: () => void;
  #beginning: number[];
  #begun = false;
  #done = false;
  #wake: (() => void) | undefined;

  constructor(options: LockChangesOptions) {
    this.#options = options;
    this.#beginning = [...options.begin];
    this.#disconnect = options.feed.onChange((lock) => {
      this.#pending.add(lock);
      this.#wake?.();
    });
  }

  /** Resolves with the next change; with a beat where none comes in time. */
  async next(): Promise<IteratorResult<LockChange>> {
    const deadline = this.#options.clock.monotonic() + this.#options.beatMs;
    for (;;) {
      if (this.#done) return { done: true, value: undefined };
      const value = this.#begun ? this.#change() : this.#snapshot();
      if (value !== undefined) return { done: false, value };
      const leftMs = deadline - this.#options.clock.monotonic();
      if (leftMs <= 0) return { done: false, value: { kind: "beat" } };
      await this.#sleep(leftMs);
    }
  }

  /** Ends the stream and lets go of the feed. Harmless when called again. */
  return(): Promise<IteratorResult<LockChange>> {
    this.#done = true;
    this.#disconnect();
    this.#pending.clear();
    this.#wake?.();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #snapshot(): LockChange {
    for (let lock = this.#beginning.shift(); lock !== undefined; lock = this.#beginning.shift()) {
      this.#pending.delete(lock);
      const view = this.#options.look(lock);
      if (view === undefined) continue;
      this.#shown.set(lock, view.place.lockId);
      return { kind: "snapshot", view };
    }
    this.#begun = true;
    return { kind: "snapshotEnd" };
  }

  #change(): LockChange | undefined {
    for (const lock of this.#pending) {
      this.#pending.delete(lock);
      const view = this.#options.look(lock);
      const shown = this.#shown.get(lock);
      if (view !== undefined) {
        this.#shown.set(lock, view.place.lockId);
        return { kind: "changed", view };
      }
      if (shown === undefined) continue;
      this.#shown.delete(lock);
      return { kind: "left", lockId: shown };
    }
    return undefined;
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(delayMs, wake);
      this.#wake = wake;
    });
  }
}
