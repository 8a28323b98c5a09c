import type { WriteStream } from "node:tty";
import type { Clock } from "../../kernel/clock.ts";

/** How often the live line is drawn on a terminal. */
const DRAW_MS = 500;
/** How often it is printed where lines can't be drawn over, as in a log. */
const PRINT_MS = 5_000;
const CLEAR_LINE = "\r\u001b[K";

/** Where a screen's text goes. */
export type ScreenOutput = Pick<WriteStream, "write"> & { readonly isTTY?: boolean };

/** The terminal of a demo: text that stays, and below it one line that lives. */
export class Screen {
  readonly #output: ScreenOutput;
  readonly #clock: Clock;
  #live: (() => string) | undefined;
  #last = "";
  #cancel: () => void = () => undefined;

  constructor(output: ScreenOutput, clock: Clock) {
    this.#output = output;
    this.#clock = clock;
  }

  /** Prints a text that stays. */
  say(text: string): void {
    const isDrawn = this.#isTerminal && this.#live !== undefined;
    this.#output.write(isDrawn ? `${CLEAR_LINE}${text}\n${this.#last}` : `${text}\n`);
  }

  /** Shows a line that changes, until the next one or {@link end}. */
  showLive(line: () => string): void {
    this.#live = line;
    this.#draw();
  }

  /** Shows no more live line. */
  end(): void {
    this.#cancel();
    if (this.#isTerminal && this.#live !== undefined) this.#output.write("\n");
    this.#live = undefined;
  }

  get #isTerminal(): boolean {
    return this.#output.isTTY === true;
  }

  #draw(): void {
    this.#cancel();
    const line = this.#live?.();
    if (line === undefined) return;
    if (line !== this.#last) this.#output.write(this.#isTerminal ? `${CLEAR_LINE}${line}` : `${line}\n`);
    this.#last = line;
    this.#cancel = this.#clock.after(this.#isTerminal ? DRAW_MS : PRINT_MS, () => this.#draw());
  }
}
