import { createClock } from "../machine/clock.ts";

/** What a painter needs of a browser. */
export interface PainterDeps {
  readonly nowMs: () => number;
  /** Runs something before the next picture. */
  readonly frame: (run: () => void) => void;
  readonly later: (run: () => void, delayMs: number) => void;
}

/** Draws no picture sooner behind the last than somebody can see: what comes in between is in the next one. */
export class Painter {
  readonly #deps: PainterDeps;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: PainterDeps) {
    this.#deps = deps;
  }

  /** Runs something before the next picture that is at least `pauseMs` behind the last; the answer calls it off. */
  ask(run: () => void, pauseMs: number): () => void {
    const { nowMs, frame, later } = this.#deps;
    let isOff = false;
    const paint = (): void => {
      if (isOff) return;
      this.#lastAtMs = nowMs();
      run();
    };
    const leftMs = this.#lastAtMs + pauseMs - nowMs();
    if (leftMs <= 0) frame(paint);
    else later(() => frame(paint), leftMs);
    return () => (isOff = true);
  }
}

/** One for the page around us. */
export function createPainter(): Painter {
  return new Painter({
    nowMs: createClock().monotonicMs,
    frame: (run) => void requestAnimationFrame(run),
    later: (run, delayMs) => void setTimeout(run, delayMs),
  });
}
