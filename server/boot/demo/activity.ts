import type { Clock } from "../../kernel/clock.ts";
import type { SimulatorLine } from "./simulator.ts";

const MINUTE_MS = 60_000;

/** What moves in the town, as the simulators tell it. */
export class Activity {
  readonly #clock: Clock;
  #opened: number[] = [];
  #refused: number[] = [];
  #connected = 0;
  #failed = 0;
  #carers = 0;
  #isUp = false;
  readonly #onUp: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Hears a line of the locks' simulator. */
  hearLocks(line: SimulatorLine): void {
    if (line.event !== "progress" && line.event !== "ready") return;
    this.#connected = Number(line["connected"] ?? 0);
    this.#failed = Number(line["failed"] ?? 0);
    if (line.event === "ready") this.#up();
  }

  /** Hears a line of the carers' simulator. */
  hearCarers(line: SimulatorLine): void {
    if (line.event === "ready") this.#carers = Number(line["carers"] ?? 0);
    if (line.event !== "visit") return;
    (line["outcome"] === "entered" ? this.#opened : this.#refused).push(this.#clock.monotonic());
  }

  /** Resolves when every lock is connected or has failed for the first time. */
  untilUp(): Promise<void> {
    if (this.#isUp) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onUp.push(resolve);
    });
  }

  /** Whether every lock has come up or failed. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Where things stand, in a line. `locks`: how many there are. */
  line(locks: number): string {
    const failed = this.#failed > 0 ? ` (${this.#failed} failed, see locks.log)` : "";
    const whole = (number: number): string => number.toLocaleString("en");
    const standing = `locks connected ${whole(this.#connected)}/${whole(locks)}${failed}`;
    if (this.#carers === 0) return standing;
    const opened = this.#lastMinute("opened");
    const refused = this.#lastMinute("refused");
    return `${standing} · ${this.#carers} carers walking · last minute: ${opened} let in, ${refused} not`;
  }

  #lastMinute(kind: "opened" | "refused"): number {
    const since = this.#clock.monotonic() - MINUTE_MS;
    this.#opened = this.#opened.filter((at) => at >= since);
    this.#refused = this.#refused.filter((at) => at >= since);
    return (kind === "opened" ? this.#opened : this.#refused).length;
  }

  #up(): void {
    this.#isUp = true;
    for (const resolve of this.#onUp.splice(0)) resolve();
  }
}
