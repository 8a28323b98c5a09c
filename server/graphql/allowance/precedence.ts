import type { Clock } from "../../kernel/clock.ts";

/** What is held back goes on after this, whatever precedes it is at: a block takes a twentieth of a second. */
export const HELD_MS_MAX = 500;

/**
 * Lets some work go first: while it is under way, other operations don't begin. What an operation does takes turns with
 * all others at each of its steps, so that a few dozen searches would make a block wait a few dozen times.
 */
export class Precedence {
  readonly #clock: Clock;
  readonly #held = new Set<() => void>();
  #preceding = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether something goes first just now. */
  get isTaken(): boolean {
    return this.#preceding > 0;
  }

  /** Begins work that goes first; the returned function ends it, once. */
  begin(): () => void {
    this.#preceding += 1;
    let isUnderWay = true;
    return () => {
      if (!isUnderWay) return;
      isUnderWay = false;
      this.#preceding -= 1;
      if (this.#preceding > 0) return;
      for (const goOn of [...this.#held]) goOn();
    };
  }

  /** Resolves when nothing goes first any more, after {@link HELD_MS_MAX} at the latest. */
  turn(): Promise<void> {
    if (!this.isTaken) return Promise.resolve();
    return new Promise((resolve) => {
      const goOn = (): void => {
        cancel();
        this.#held.delete(goOn);
        resolve();
      };
      const cancel = this.#clock.after(HELD_MS_MAX, goOn);
      this.#held.add(goOn);
    });
  }
}
