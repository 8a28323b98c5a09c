import { PortnerError } from "../kernel/errors.ts";

/** More work waits than will be done in time. */
export class BusyError extends PortnerError {
  override readonly name = "BusyError";

  constructor() {
    super("BUSY", "too many sign-ins at once; try again in a moment");
  }
}

/** Lets a few through at a time and a bounded number wait. */
export class BoundedGate {
  readonly #atOnce: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number, waitingMax: number) {
    this.#atOnce = atOnce;
    this.#waitingMax = waitingMax;
  }

  /** Runs the work when it is its turn; rejects with a {@link BusyError} when too many wait already. */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#running < this.#atOnce) this.#running += 1;
    else if (this.#waiting.length >= this.#waitingMax) throw new BusyError();
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
