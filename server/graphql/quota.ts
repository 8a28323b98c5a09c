/** Counts what is open at once, by whoever holds it. */
export class Quota<Holder> {
  readonly #open = new Map<Holder, number>();
  readonly #max: number;
  #total = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** How many are open over all holders. */
  get total(): number {
    return this.#total;
  }

  /** Takes one; `undefined` when the holder has them all. The returned function gives it back, once. */
  take(holder: Holder, max: number = this.#max): (() => void) | undefined {
    const open = this.#open.get(holder) ?? 0;
    if (open >= max) return undefined;
    this.#open.set(holder, open + 1);
    this.#total += 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#total -= 1;
      const left = (this.#open.get(holder) ?? 1) - 1;
      if (left === 0) this.#open.delete(holder);
      else this.#open.set(holder, left);
    };
  }
}
