import type { Clock } from "../kernel/clock.ts";

/** How often it is looked whether the hub still sees the journal. */
const LOOK_MS = 1_000;

/** What a hub's sight stands on. */
export interface SightDeps {
  readonly clock: Clock;
  /** Whether the journal has not been read for so long that what is live here may be old news. */
  readonly isBlind: () => boolean;
}

/**
 * Whether this hub sees the journal. Streams beat by a timer of their own, so a hub that sees nothing would look like a
 * town in which nothing happens: what is live is ended instead, and its readers come back, here or at another hub.
 */
export class Sight {
  readonly #deps: SightDeps;
  #lost = new AbortController();
  #cancel: () => void = () => undefined;

  constructor(deps: SightDeps) {
    this.#deps = deps;
    this.#look();
  }

  /** Aborts when the hub next goes blind. Already aborted while it is. */
  get lost(): AbortSignal {
    this.#judge();
    return this.#lost.signal;
  }

  /** Looks no more. */
  stop(): void {
    this.#cancel();
  }

  #look(): void {
    this.#judge();
    this.#cancel = this.#deps.clock.after(LOOK_MS, () => this.#look());
  }

  #judge(): void {
    const isBlind = this.#deps.isBlind();
    if (isBlind) this.#lost.abort();
    else if (this.#lost.signal.aborted) this.#lost = new AbortController();
  }
}
