import { createContext } from "svelte";

/** Screen readers are told at most one sentence in this time; faster ones drown each other. */
const PAUSE_MS = 10_000;

/** What the page's one live region says. Several sentences that come too fast are told together. */
export class Announcer {
  text = $state("");
  #waiting: string[] = [];
  #lastAtMs = Number.NEGATIVE_INFINITY;
  readonly #monotonic: () => number;

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Says it now, or with others as soon as the pause is over. Only for watched locks, alarms and the line itself. */
  say(sentence: string): void {
    this.#waiting.push(sentence);
    this.tick();
  }

  /** Called about once a second. */
  tick(): void {
    const now = this.#monotonic();
    if (this.#waiting.length === 0 || now - this.#lastAtMs < PAUSE_MS) return;
    this.text = this.#waiting.join(" ");
    this.#waiting = [];
    this.#lastAtMs = now;
  }
}

/** The page's announcer, handed down from the frame. Only while a component is made. */
export const [getAnnouncer, setAnnouncer] = createContext<Announcer>();
