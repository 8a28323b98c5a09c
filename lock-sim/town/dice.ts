/** Chance from a seed (sfc32): the same seed throws the same dice on every machine. Not for secrets. */
export class Dice {
  readonly #state: Uint32Array;

  /** @param seed A whole number, 0 to 2^53 − 1. */
  constructor(seed: number) {
    this.#state = Uint32Array.of(seed >>> 0, Math.floor(seed / 4_294_967_296), 0x9e3779b9, 1);
    // The first throws of two near seeds resemble each other; twenty rounds part them.
    for (let round = 0; round < 20; round += 1) this.#next();
  }

  #next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const thrown = (a + b + counter) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + thrown;
    state[3] = counter + 1;
    return thrown;
  }

  /** A whole number from 0 up to, not including, `below`. */
  below(below: number): number {
    return Math.floor((this.#next() / 4_294_967_296) * below);
  }

  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean {
    return this.#next() / 4_294_967_296 < probability;
  }

  /** One of several; the list must not be empty. */
  pick<Items extends readonly [unknown, ...unknown[]]>(items: Items): Items[number] {
    return items[this.below(items.length)] ?? items[0];
  }

  /** The items in another order. */
  shuffle<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, at: this.#next() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }

  /** Bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** An id in the form of a UUID, as the address register gives them. */
  uuid(): string {
    const hex = [...this.bytes(16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const variant = this.pick(["8", "9", "a", "b"]);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
