import type { Clock } from "../kernel/clock.ts";

interface Waiter {
  readonly holds: () => boolean;
  readonly settle: (held: boolean) => void;
}

/** Callers that wait until the index has come far enough. */
export class IndexWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves with true as soon as `holds` does, with false when the time is up before. */
  wait(holds: () => boolean, withinMs: number): Promise<boolean> {
    if (holds()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        holds,
        settle: (held) => {
          cancel();
          this.#waiting.delete(waiter);
          resolve(held);
        },
      };
      const cancel = this.#clock.after(withinMs, () => waiter.settle(false));
      this.#waiting.add(waiter);
    });
  }

  /** Looks whether somebody's wait is over. */
  look(): void {
    for (const waiter of [...this.#waiting]) if (waiter.holds()) waiter.settle(true);
  }
}
