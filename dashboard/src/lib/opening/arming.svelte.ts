/** A press so soon after something appeared was meant for what stood there before. */
export const ARMED_AFTER_MS = 800;

/** Whether what a press would do has been on the screen long enough to be read. */
export class Arming {
  isArmed: boolean = $state(false);
  readonly #after: (delayMs: number, run: () => void) => () => void;
  #callOff: () => void = () => undefined;

  /** `after` runs something after a while; its answer calls it off. */
  constructor(after: (delayMs: number, run: () => void) => () => void) {
    this.#after = after;
  }

  /** It has just appeared. */
  begin(): void {
    this.end();
    this.#callOff = this.#after(ARMED_AFTER_MS, () => (this.isArmed = true));
  }

  /** It is there no longer. */
  end(): void {
    this.#callOff();
    this.isArmed = false;
  }
}
