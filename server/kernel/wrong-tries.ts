import type { Clock } from "./clock.ts";
import { networkOf } from "./network.ts";

/** Wrong tries of one address before it has to wait: a person mistypes a few times. */
export const WRONG_PER_ADDRESS_MAX = 10;
/**
 * Wrong tries of all addresses together. So many that nobody with less than ten thousand networks can keep everybody else
 * waiting, and few enough: finding one of a hundred codes of 2^50, the shortest of those secrets, takes three thousand years.
 */
export const WRONG_IN_ALL_MAX = 100_000;
/** After this long the count begins anew. */
const WINDOW_MS = 15 * 60_000;
/** Addresses remembered at once; the oldest are forgotten first, and the count of all still stands. */
export const ADDRESSES_MAX = 10_000;

interface Count {
  wrong: number;
  readonly since: number;
}

/** Counts wrong one-time secrets (codes of phones, claims of locks), by address and in all, so that none can be guessed. One a hub and kind. */
export class WrongTries {
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Count>();
  #all: Count;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = { wrong: 0, since: clock.monotonic() };
  }

  /** How many addresses are remembered. */
  get remembered(): number {
    return this.#byAddress.size;
  }

  /** Milliseconds until this address may try again; 0 when it may now. */
  waitMs(address: string): number {
    const own = this.#current(this.#byAddress.get(networkOf(address)));
    this.#all = this.#current(this.#all);
    return Math.max(this.#wait(own, WRONG_PER_ADDRESS_MAX), this.#wait(this.#all, WRONG_IN_ALL_MAX));
  }

  /** Counts a wrong try. */
  add(address: string): void {
    const network = networkOf(address);
    const own = this.#current(this.#byAddress.get(network));
    own.wrong += 1;
    this.#byAddress.delete(network);
    this.#byAddress.set(network, own);
    if (this.#byAddress.size > ADDRESSES_MAX) {
      for (const oldest of this.#byAddress.keys()) {
        this.#byAddress.delete(oldest);
        break;
      }
    }
    this.#all = this.#current(this.#all);
    this.#all.wrong += 1;
  }

  #current(count: Count | undefined): Count {
    const now = this.#clock.monotonic();
    return count !== undefined && now - count.since < WINDOW_MS ? count : { wrong: 0, since: now };
  }

  #wait(count: Count, max: number): number {
    return count.wrong < max ? 0 : Math.ceil(count.since + WINDOW_MS - this.#clock.monotonic());
  }
}
