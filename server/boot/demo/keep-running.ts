import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../kernel/clock.ts";

/** First pause before a part is started again, doubled up to the maximum. */
const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 30_000;
/** A part that ran this long was a good one: the next pause starts small again. */
const STEADY_MS = 60_000;
/** A part that ends this often in a row won't be mended by another start. */
const STARTS_MAX = 10;

/** A process of its own. */
export interface Part {
  /** Settles when it has ended, asked or not. */
  readonly exited: Promise<unknown>;
  /** Ends it within a bounded time, and frees what it held. Harmless when it has ended. */
  stop(): Promise<void>;
}

/** What keeping a part running needs. */
export interface KeepDeps {
  readonly clock: Clock;
  /** Says what happened, in a sentence, to whoever watches. */
  readonly tell: (sentence: string) => void;
}

/** A part that is started again when it dies. */
export class KeptPart<P extends Part> {
  readonly #name: string;
  readonly #launch: () => Promise<P>;
  readonly #deps: KeepDeps;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>;
  #part: P;

  private constructor(name: string, launch: () => Promise<P>, deps: KeepDeps, first: P) {
    this.#name = name;
    this.#launch = launch;
    this.#deps = deps;
    this.#part = first;
    this.#watching = this.#watch();
  }

  /** Starts the part; rejects when even the first start fails. `name` reads like `the broker`. */
  static async start<P extends Part>(name: string, launch: () => Promise<P>, deps: KeepDeps): Promise<KeptPart<P>> {
    return new KeptPart(name, launch, deps, await launch());
  }

  /** The part as it runs now, or as it last ran. */
  current(): P {
    return this.#part;
  }

  /** Ends the part for good. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#part.stop();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { clock, tell } = this.#deps;
    let starts = 0;
    let startedAt = clock.monotonic();
    while (starts < STARTS_MAX) {
      await this.#part.exited;
      if (this.#stopping.signal.aborted) return;
      if (clock.monotonic() - startedAt >= STEADY_MS) starts = 0;
      const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** starts);
      starts += 1;
      tell(`${this.#name} ended by itself; it is started again in ${pauseMs / 1_000} s`);
      await this.#pause(pauseMs);
      startedAt = clock.monotonic();
      if (!(await this.#again())) return;
    }
    tell(`${this.#name} ended ${STARTS_MAX} times in a row and stays down; stop, look at the logs, start again`);
  }

  /** Starts the part anew; a start that fails leaves the ended part in place, which the watch meets again. */
  async #again(): Promise<boolean> {
    try {
      await this.#part.stop();
      if (this.#stopping.signal.aborted) return false;
      const part = await this.#launch();
      this.#part = part;
      if (this.#stopping.signal.aborted) await part.stop();
    } catch (error) {
      this.#deps.tell(`${this.#name} could not be started: ${error instanceof Error ? error.message : String(error)}`);
    }
    return !this.#stopping.signal.aborted;
  }

  async #pause(pauseMs: number): Promise<void> {
    await delay(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
  }
}
