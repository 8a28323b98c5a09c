/** Long enough that a phone in a pocket opens nothing, short enough at the twentieth door of the day. */
export const HOLD_MS = 700;
/** Who can't hold presses twice within this time. */
const AGAIN_MS = 5_000;

/** Time, as a hold needs it. */
export interface HoldDeps {
  readonly after: (durationMs: number, act: () => void) => () => void;
}

/** A button that is held to act. Pressed shortly it asks to be pressed once more instead. */
export class Hold {
  /** `again`: pressed shortly; the next press acts. */
  state: "idle" | "held" | "again" = $state("idle");
  readonly #deps: HoldDeps;
  readonly #act: () => void;
  #cancel: () => void = () => undefined;

  constructor(deps: HoldDeps, act: () => void) {
    this.#deps = deps;
    this.#act = act;
  }

  /** The finger, or the key, goes down. */
  down(): void {
    if (this.state === "held") return;
    this.#cancel();
    if (this.state === "again") {
      this.#done();
      return;
    }
    this.state = "held";
    this.#cancel = this.#deps.after(HOLD_MS, () => this.#done());
  }

  /** It comes up. */
  up(): void {
    if (this.state !== "held") return;
    this.#cancel();
    this.state = "again";
    this.#cancel = this.#deps.after(AGAIN_MS, () => (this.state = "idle"));
  }

  /** It slips off, or the page is left: nothing happens. */
  leave(): void {
    this.#cancel();
    this.state = "idle";
  }

  #done(): void {
    this.#cancel();
    this.state = "idle";
    this.#act();
  }
}
