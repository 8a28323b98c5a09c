import type { Clock } from "../../kernel/clock.ts";
import { networkOf } from "../../kernel/network.ts";
import { Buckets, type Measure } from "./buckets.ts";

/** Names the limit to whoever is refused, and in the metrics. */
export const STRANGERS_LIMIT = "credentials";
/**
 * Wrong credentials of one network: each may be a question to Postgres. Only failures count, so a ward's phones whose
 * clocks are off, or whose sessions all ended in one night, fit in at once.
 */
export const STRANGERS: Measure = { capacity: 300, restorePerSecond: 5 };
/**
 * What a cookie counts that nobody has: its owner goes on as nobody and signs in, and a town's tabs may all have one at
 * once. Three thousand do no harm.
 */
const STALE_COOKIE_COST = 0.1;

/** What the count needs. */
export interface StrangersDeps {
  readonly clock: Clock;
  /** Counts who was turned away, by limit. */
  readonly count: (limit: string) => void;
}

/** Counts credentials that were wrong, by network. A network beyond it gets in with what the hub remembers alone. */
export class Strangers {
  readonly #deps: StrangersDeps;
  readonly #buckets: Buckets;

  constructor(deps: StrangersDeps) {
    this.#deps = deps;
    this.#buckets = new Buckets(deps.clock);
  }

  /** Milliseconds until the address's network may try again; 0 when it may now. */
  waitMs(address: string): number {
    return this.#buckets.waitMs(networkOf(address), 1);
  }

  /** A credential was wrong. */
  failed(address: string): void {
    this.#buckets.take(networkOf(address), STRANGERS, 1);
  }

  /** A cookie was nobody's. */
  stale(address: string): void {
    this.#buckets.take(networkOf(address), STRANGERS, STALE_COOKIE_COST);
  }

  /** Somebody was refused for his network. */
  turnedAway(): void {
    this.#deps.count(STRANGERS_LIMIT);
  }
}
