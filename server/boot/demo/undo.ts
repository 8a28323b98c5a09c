import type { Log } from "../../kernel/log.ts";
import { within } from "../shutdown.ts";

/** Every part bounds its own end; this bounds those that hang all the same. Postgres alone may take half a minute. */
const STEP_MS_MAX = 40_000;

interface Step {
  readonly name: string;
  readonly undo: () => Promise<unknown> | void;
}

/** What was started, to be ended in the opposite order. */
export class Undo {
  readonly #log: Log;
  readonly #steps: Step[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  /** Notes how something that was just started is ended. */
  add(name: string, undo: Step["undo"]): void {
    this.#steps.push({ name, undo });
  }

  /** Ends everything, the latest first; what fails or hangs is logged and does not keep the rest from ending. */
  async run(): Promise<void> {
    for (const { name, undo } of this.#steps.splice(0).toReversed()) {
      try {
        const ended = await within(STEP_MS_MAX, Promise.resolve(undo()));
        if (!ended) this.#log.error({ name }, "did not end in time");
      } catch (error) {
        this.#log.error({ name, error: String(error) }, "could not be ended");
      }
    }
  }
}
