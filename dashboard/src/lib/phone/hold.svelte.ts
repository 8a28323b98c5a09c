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
  readonly #deps: HoldDeps;
  readonly #act: () => void;
  #cancel: () => void = () => undefined;

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
    if (this.state === "held" || this.#press === "resting") return;
    if (this.state === "again") {
      this.#press = "down";
      return;
    }
    this.#cancel();
    this.state = "held";
    this.#cancel = this.#deps.after(HOLD_MS, () => this.#done());
  }

  /** It comes up. */
  up(): void {
    if (this.state === "again" && this.#press === "down") this.#done();
    if (this.state !== "held") return;
    this.#cancel();
    this.state = "again";
    this.#press = "resting";
    const { after } = this.#deps;
    const awaken = after(REST_MS, () => (this.#press = "up"));
    const forget = after(AGAIN_MS, () => this.leave());
    this.#cancel = () => {
      awaken();
      forget();
    };
  }

  /** It slips off, or the page is left: nothing happens. */
  leave(): void {
    this.#cancel();
    this.state = "idle";
    this.#press = "up";
  }

  #done(): void {
    this.leave();
    this.#act();
  }
}
