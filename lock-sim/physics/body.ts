import type { Effects } from "../behaviours/effects.ts";
import type { Clock } from "../ground/clock.ts";
import type { Random } from "../ground/random.ts";
import { LogFile } from "../storage/log-file.ts";
import { drained, idleMillivolts, loadMillivolts, MOTOR_MILLIVOLTS_MIN } from "./cells.ts";
import { Motor, planTravel } from "./motor.ts";
import { WorldRecord } from "./witness.ts";

/** Room temperature of a stairwell, in whole °C. */
const TEMPERATURE_CELSIUS = 19;

/** Bolt, latch, door and cells as they are. */
export type BodyState = Omit<Extract<WorldRecord, { t: "state" }>, "t" | "at">;

/** Where a leg of a run goes. */
export type BodyLeg = "withdrawn" | "thrown";

/** One run of the motor, as whoever drives it orders it. */
export interface BodyRun {
  readonly legs: readonly BodyLeg[];
  readonly origin: { readonly cause: string; readonly cmd?: string; readonly permit?: string };
  started(towards: BodyLeg): void;
  ended(end: {
    readonly towards: BodyLeg;
    readonly outcome: "arrived" | "stalled";
    readonly durationMs: number;
    readonly loadMillivolts: number;
  }): void;
}

/** What a body needs. `speed` scales wear, never times. */
export interface BodyDeps {
  readonly clock: Clock;
  /** Wall time, in milliseconds since the epoch; for the witness only. */
  readonly wall: () => number;
  readonly random: Random;
  readonly effects: () => Effects;
  readonly speed: number;
  /** The world file can't be written. */
  readonly failed: (cause: unknown) => void;
}

/** Who notices changes of the body. */
export interface BodySenses {
  doorMoved(door: "open" | "closed"): void;
  boltTurned(): void;
  /** A run ended with the bolt where it should be. */
  runEnded(towards: BodyLeg, cause: string): void;
}

/** The mechanics of one lock in its door. They are the world: they outlive the lock's power, in a file of their own. */
export class Body {
  readonly #deps: BodyDeps;
  readonly #log: LogFile;
  readonly #motor: Motor;
  #state: BodyState;
  #loadMillivolts: number | undefined;
  #drainedAt: number;
  #senses: BodySenses | undefined;
  #isRunning = false;

  private constructor(deps: BodyDeps, log: LogFile, state: BodyState) {
    this.#deps = deps;
    this.#log = log;
    this.#motor = new Motor(deps.clock);
    this.#state = state;
    this.#drainedAt = deps.clock.monotonic();
  }

  /** Takes up the world where its file left it; a new one is locked, its door closed, its cells fresh. */
  static async open(path: string, deps: BodyDeps): Promise<Body> {
    let state: BodyState = { bolt: "thrown", latch: "extended", door: "closed", charge: 1 };
    const log = await LogFile.open(path, (record) => {
      const read = WorldRecord.parse(record);
      // A run without a state behind it was cut by the end of the process: the bolt stands where it was then.
      if (read.t === "run") state = { ...state, bolt: "between" };
      else state = { bolt: read.bolt, latch: read.latch, door: read.door, charge: read.charge };
    });
    const { startCharge } = deps.effects();
    return new Body(deps, log, startCharge === undefined ? state : { ...state, charge: startCharge });
  }

  get state(): BodyState {
    return this.#state;
  }

  /** Bolt, latch and door by their sensors. */
  facts(): Pick<BodyState, "bolt" | "latch" | "door"> {
    const { bolt, latch, door } = this.#state;
    return { bolt, latch, door };
  }

  /** Lets somebody notice what changes, from now on. */
  sense(senses: BodySenses): void {
    this.#senses = senses;
  }

  idleMillivolts(): number {
    return idleMillivolts(this.#state.charge);
  }

  loadMillivolts(): number | undefined {
    return this.#loadMillivolts;
  }

  temperatureCelsius(): number {
    return TEMPERATURE_CELSIUS;
  }

  /** Runs the motor once: witnessed first, then leg by leg until one stalls. */
  async run(run: BodyRun): Promise<void> {
    const { cause, cmd, permit } = run.origin;
    const by = { cause, ...(cmd === undefined ? {} : { cmd }), ...(permit === undefined ? {} : { permit }) };
    await this.#log.append({ t: "run", at: this.#deps.wall(), ...by, legs: [...run.legs] } satisfies WorldRecord);
    this.#isRunning = true;
    const hasArrived = await this.#legs(run);
    this.#isRunning = false;
    const last = run.legs.at(-1);
    if (hasArrived && last !== undefined) this.#senses?.runEnded(last, cause);
  }

  async #legs(run: BodyRun): Promise<boolean> {
    for (const towards of run.legs) {
      run.started(towards);
      if ((await this.#leg(towards, run)) !== "arrived") return false;
    }
    return true;
  }

  async #leg(towards: BodyLeg, run: BodyRun): Promise<"arrived" | "stalled" | "cut"> {
    this.#drain(1);
    const load = loadMillivolts(this.#state.charge);
    const leg = { towards, isThere: this.#state.bolt === towards, isTooWeak: load < MOTOR_MILLIVOLTS_MIN };
    const travel = planTravel(leg, { random: this.#deps.random, effects: this.#deps.effects() });
    this.#loadMillivolts = load;
    if (!(await this.#motor.travel(travel.durationMs))) {
      await this.#become({ bolt: "between" });
      return "cut";
    }
    const latch = towards === "withdrawn" ? "retracted" : "extended";
    await this.#become(travel.outcome === "arrived" ? { bolt: towards, latch } : { bolt: "between" });
    run.ended({ towards, ...travel, loadMillivolts: load });
    return travel.outcome;
  }

  /** Somebody pushes the door: it opens if neither bolt nor latch holds it. */
  pushDoor(): boolean {
    const { bolt, latch, door } = this.#state;
    if (this.#isRunning || door === "open" || bolt !== "withdrawn" || latch !== "retracted") return false;
    void this.#become({ door: "open" });
    this.#senses?.doorMoved("open");
    return true;
  }

  /** Somebody closes the door; a thrown bolt would hit the frame. */
  closeDoor(): boolean {
    if (this.#state.door === "closed" || this.#state.bolt === "thrown") return false;
    void this.#become({ door: "closed" });
    this.#senses?.doorMoved("closed");
    return true;
  }

  /** Somebody turns the bolt by hand, to the other end. */
  turnByHand(): void {
    if (this.#state.bolt === "thrown") void this.#become({ bolt: "withdrawn", latch: "retracted" });
    else void this.#become({ bolt: "thrown", latch: "extended" });
    this.#senses?.boltTurned();
  }

  /** Somebody puts in new cells. */
  replaceCells(): void {
    void this.#become({ charge: 1 });
  }

  /** The power goes: a motor that runs stops where it is. */
  cutPower(): void {
    this.#motor.cut();
  }

  /** Resolves when nothing is being written. */
  settled(): Promise<void> {
    return this.#log.settled();
  }

  async close(): Promise<void> {
    this.#motor.cut();
    this.#drain(0);
    this.#log.note({ t: "state", at: this.#deps.wall(), ...this.#state } satisfies WorldRecord);
    await this.#log.close();
  }

  #drain(legs: number): void {
    const now = this.#deps.clock.monotonic();
    const idleMs = now - this.#drainedAt;
    this.#drainedAt = now;
    this.#state = { ...this.#state, charge: drained(this.#state.charge, { legs, idleMs, speed: this.#deps.speed }) };
  }

  async #become(change: Partial<BodyState>): Promise<void> {
    this.#state = { ...this.#state, ...change };
    const record: WorldRecord = { t: "state", at: this.#deps.wall(), ...this.#state };
    await this.#log.append(record).catch(this.#deps.failed);
  }
}
