import type { Clock } from "../kernel/clock.ts";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  readonly #tasks = new Set<{ readonly at: number; readonly task: () => void }>();
  #now: number;
  #monotonic = 0;

  constructor(now = 1_800_000_000_000) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, task: () => void): () => void {
    const waiting = { at: this.#monotonic + delayMs, task };
    this.#tasks.add(waiting);
    return () => this.#tasks.delete(waiting);
  }

  /** Lets time pass, running what falls due in its order. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    for (;;) {
      const due = [...this.#tasks].filter((each) => each.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#tasks.delete(due);
      this.#pass(due.at - this.#monotonic);
      due.task();
    }
    this.#pass(end - this.#monotonic);
  }

  /** Somebody sets the wall clock, or the machine slept, in which its monotonic clock stands still. */
  step(ms: number): void {
    this.#now += ms;
  }

  #pass(ms: number): void {
    this.#monotonic += ms;
    this.#now += ms;
  }
}
