import { isForeign, type TailBatch } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { CommandTracker } from "../../locks/index.ts";

/**
 * Tells of operations, by the journal alone: of each change of one of their commands, and of their end. Whichever hub
 * follows an operation, every hub's clients hear of it.
 */
export class OperationFeed {
  readonly #clock: Clock;
  readonly #tracker: Pick<CommandTracker, "onChange">;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(deps: { readonly clock: Clock; readonly tracker: Pick<CommandTracker, "onChange"> }) {
    this.#clock = deps.clock;
    this.#tracker = deps.tracker;
  }

  /** Follows a tail; register it behind the tracker. */
  take(batch: TailBatch): void {
    for (const entry of batch.entries) {
      if (isForeign(entry) || entry.kind !== "opening.finished") continue;
      for (const listener of [...(this.#listeners.get(entry.data.operation) ?? [])]) listener();
    }
  }

  /** Calls the listener when one of the operation's commands changed, and when it ended. The result ends that. */
  onChange(operation: string, listener: () => void): () => void {
    const unfollow = this.#tracker.onChange((command) => {
      if (command.operation === operation) listener();
    });
    const forget = this.#onEnd(operation, listener);
    return () => {
      unfollow();
      forget();
    };
  }

  /** Resolves when the operation ends, or after `waitMs`. One that has ended before is not noticed: look, then wait. */
  ended(operation: string, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        cancel();
        forget();
        resolve();
      };
      const cancel = this.#clock.after(waitMs, finish);
      const forget = this.#onEnd(operation, finish);
    });
  }

  #onEnd(operation: string, listener: () => void): () => void {
    // Each call is a listener of its own, also when it passes a function that listens already.
    const own = (): void => listener();
    const listeners = this.#listeners.get(operation) ?? new Set<() => void>();
    this.#listeners.set(operation, listeners.add(own));
    return () => {
      if (listeners.delete(own) && listeners.size === 0) this.#listeners.delete(operation);
    };
  }
}
