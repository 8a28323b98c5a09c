import type { Clock } from "../ground/clock.ts";

interface Task {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands until a test moves it. */
export class ManualClock implements Clock {
  #now = 1_000;
  readonly #tasks = new Set<Task>();

  monotonic(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { at: this.#now + delayMs, run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Runs the next task within `ms` and returns what is left of them; with none left it moves on and returns nothing. */
  step(ms: number): number | undefined {
    const end = this.#now + ms;
    let next: Task | undefined;
    for (const task of this.#tasks) {
      if (task.at <= end && (next === undefined || task.at < next.at)) next = task;
    }
    this.#now = Math.max(this.#now, next?.at ?? end);
    if (next === undefined) return undefined;
    this.#tasks.delete(next);
    next.run();
    return end - this.#now;
  }

  /** Moves on by `ms`, running what falls due in order. What such a task only promises is not waited for. */
  advance(ms: number): void {
    for (let left: number | undefined = ms; left !== undefined;) left = this.step(left);
  }
}
