/** Long enough that a phone in a pocket opens nothing, short enough at the twentieth door of the day. */
export const HOLD_MS = 700;
/** Who can't hold presses twice within this time. */
const AGAIN_MS = 5_000;
/** A second press sooner than this is a fumbling hand, or a double tap meant for nothing. */
export const REST_MS = 600;

/** Time, as a hold needs it. */
export interface HoldDeps {
  readonly after: (durationMs: number, act: () => void) => () => void;
}

/** A button that is held to act. Pressed shortly it asks to be pressed once more instead. */
export class Hold {
  /** `again`: pressed shortly; the next press acts, when it comes up. */
  state: "idle" | "held" | "again" = $state("idle");
  #press: "resting" | "up" | "down" = "up";
  #isArmed = false;
  #cancelHold: () => void = () => undefined;
  #cancelArmed: () => void = () => undefined;
  readonly #deps: HoldDeps;
  readonly #act: () => void;

  constructor(deps: HoldDeps, act: () => void) {
    this.#deps = deps;
    this.#act = act;
  }

  /** Whether a finger, or a key, is down on it. */
  get isPressed(): boolean {
    return this.state === "held" || this.#press === "down";
  }

  /** The finger, or the key, goes down. */
  down(): void {
    if (this.state === "held") return;
    if (this.state === "again" && this.#press === "up") {
      this.#cancelArmed();
      this.#press = "down";
      return;
    }
    // Whoever presses while it rests may be about to hold it.
    this.state = "held";
    this.#cancelHold = this.#deps.after(HOLD_MS, () => this.#done());
  }

  /** It comes up. */
  up(): void {
    if (this.state === "again" && this.#press === "down") this.#done();
    if (this.state !== "held") return;
    this.#cancelHold();
    this.state = "again";
    if (!this.#isArmed) this.#arm();
  }

  /** It slips off, or the page is left: nothing happens. */
  leave(): void {
    this.#cancelHold();
    this.#cancelArmed();
    this.state = "idle";
    this.#press = "up";
    this.#isArmed = false;
  }

  #arm(): void {
    this.#isArmed = true;
    this.#press = "resting";
    const awaken = this.#deps.after(REST_MS, () => (this.#press = "up"));
    const forget = this.#deps.after(AGAIN_MS, () => this.leave());
    this.#cancelArmed = () => {
      awaken();
      forget();
    };
  }

  #done(): void {
    this.leave();
    this.#act();
  }
}
