import { RELOCK_AFTER_CLOSE_MS, RELOCK_UNUSED_MS, type CommandMessage, type DoorPosition } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";
import type { Flash } from "./flash.ts";
import type { Leg, LegEnd, Mechanism, Origin } from "./mechanism.ts";
import type { EventBody } from "./recorder.ts";

/** Motor runs that may wait for the one under way; more, and a person would stand before a door that moves late. */
export const MOTION_WAITING_MAX = 2;
/** How often a lock tries to throw a jammed bolt by itself before it waits for somebody. */
export const RELOCK_TRIES_MAX = 3;

interface Deps {
  readonly clock: Clock;
  readonly flash: Flash;
  readonly mechanism: Mechanism;
  readonly emit: (body: EventBody) => void;
  readonly resend: () => void;
}

/** Turns accepted commands into motor runs, one at a time, and locks the door again. */
export class Motion {
  readonly #deps: Deps;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;
  #promised = 0;
  #relockTries = 0;
  #cancelRelock: (() => void) | undefined;
  #stopped = false;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Whether one more run would start soon enough. */
  get hasRoom(): boolean {
    const ahead = this.#promised + this.#waiting.length + (this.#running === undefined ? 0 : 1);
    return ahead <= MOTION_WAITING_MAX;
  }

  /** Keeps a place for an order that is being written to flash. */
  promise(): void {
    this.#promised += 1;
  }

  /** Gives back the place of an order that could not be written. */
  forgo(): void {
    this.#promised -= 1;
  }

  /** Does what an accepted order says, in its promised place. Its id is on flash by now. */
  obey(op: CommandMessage["op"], origin: Origin): void {
    this.#promised -= 1;
    this.#relockTries = 0;
    switch (op) {
      case "open":
        return this.#enqueue(["withdrawn"], origin);
      case "lock":
        return this.#isDoorClosed() ? this.#enqueue(["thrown"], origin) : this.#report(origin);
      case "test":
        return this.#isDoorClosed() ? this.#enqueue(["withdrawn", "thrown"], origin) : this.#report(origin);
      case "sync":
        this.#report(origin);
        return this.#deps.resend();
      case "identify":
        return this.#report(origin);
    }
  }

  /** The door's sensor changed. */
  doorMoved(door: DoorPosition): void {
    this.#deps.emit({ kind: "door", door });
    this.#relockTries = 0;
    this.#arm("closed");
  }

  /** Somebody turned the bolt from inside, or with a metal key. */
  boltTurned(): void {
    const { bolt, latch } = this.#deps.mechanism.facts();
    this.#deps.emit({ kind: "moved", cause: "hand", bolt, latch, durationMs: 0 });
    this.#relockTries = 0;
    this.#arm("unused");
  }

  /** After a start: an open bolt is not left open. */
  start(): void {
    this.#arm("unused");
  }

  stop(): void {
    this.#stopped = true;
    this.#waiting.length = 0;
    this.#cancelRelock?.();
  }

  #isDoorClosed(): boolean {
    return this.#deps.mechanism.facts().door === "closed";
  }

  #report(origin: Origin): void {
    const facts = this.#deps.mechanism.facts();
    this.#deps.emit({ kind: "reported", ...(origin.cmd === undefined ? {} : { cmd: origin.cmd }), facts });
  }

  #enqueue(legs: readonly Leg[], origin: Origin): void {
    if (this.#stopped) return;
    this.#waiting.push(() => this.#run(legs, origin));
    this.#running ??= this.#work();
  }

  async #work(): Promise<void> {
    for (let run = this.#waiting.shift(); run !== undefined; run = this.#waiting.shift()) await run();
    this.#running = undefined;
  }

  async #run(legs: readonly Leg[], origin: Origin): Promise<void> {
    this.#cancelRelock?.();
    await this.#deps.mechanism.run({
      legs,
      origin,
      started: (towards) => this.#unlessStopped({ kind: "moving", ...origin, towards }),
      ended: (end) => this.#unlessStopped(this.#endOf(end, origin)),
    });
    this.#arm("unused");
  }

  #unlessStopped(body: EventBody): void {
    if (!this.#stopped) this.#deps.emit(body);
  }

  #endOf(end: LegEnd, origin: Origin): EventBody {
    if (end.outcome === "stalled") return { kind: "jammed", ...origin, towards: end.towards };
    const { bolt, latch } = this.#deps.mechanism.facts();
    const { durationMs, loadMillivolts } = end;
    return { kind: "moved", ...origin, bolt, latch, durationMs, batteryLoadMillivolts: loadMillivolts };
  }

  #arm(since: "closed" | "unused"): void {
    this.#cancelRelock?.();
    const { bolt, door } = this.#deps.mechanism.facts();
    if (this.#stopped || bolt === "thrown" || door !== "closed" || this.#relockTries >= RELOCK_TRIES_MAX) return;
    const settings = this.#deps.flash.config?.message;
    const delayMs =
      since === "closed"
        ? (settings?.relockAfterCloseMs ?? RELOCK_AFTER_CLOSE_MS)
        : (settings?.relockUnusedMs ?? RELOCK_UNUSED_MS);
    this.#cancelRelock = this.#deps.clock.after(delayMs, () => this.#relock());
  }

  #relock(): void {
    if (!this.#isDoorClosed()) return;
    this.#relockTries += 1;
    this.#enqueue(["thrown"], { cause: "relock" });
  }
}
