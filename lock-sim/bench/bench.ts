import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AskMessage, EventMessage, LockChannel } from "@portner/schema/mqtt";
import { NO_EFFECTS, type Effects } from "../behaviours/effects.ts";
import { Flash } from "../firmware/flash.ts";
import { makeKeyPair } from "../firmware/keys.ts";
import { Lock, type HeardChannel } from "../firmware/lock.ts";
import type { Verdict } from "../firmware/commands.ts";
import { SimulatorError } from "../ground/fault.ts";
import { seededRandom, systemRandom } from "../ground/random.ts";
import { Body } from "../physics/body.ts";
import { readWitness, type WitnessedRun } from "../physics/witness.ts";
import { BenchHub, readSent } from "./hub.ts";
import { ManualClock } from "./manual-clock.ts";

/** Names of the lock on the bench. */
export const BENCH_NAMES = { tenant: "tenant-one", lock: "lock-one-1", unit: "unit-one-1" };
/** Hub time when a bench starts, in milliseconds since the epoch. */
const BENCH_EPOCH = 1_800_000_000_000;

/** What a bench differs in. */
export interface BenchOptions {
  readonly effects?: Partial<Effects>;
  /** Whether the hub answers every question for the time at once; else a test does. */
  readonly tellsTime?: boolean;
  readonly beforeMotor?: () => void;
  /** Where the files are; a fresh folder otherwise. */
  readonly folder?: string;
  /** Who signs; a fresh one otherwise. */
  readonly hub?: BenchHub;
}

/** One lock on real files, with a clock that a test moves and a radio that a test reads. */
export class Bench {
  readonly hub: BenchHub;
  readonly clock = new ManualClock();
  readonly folder: string;
  readonly sent: { readonly channel: LockChannel; readonly payload: Uint8Array }[] = [];
  effects: Effects;
  /** Whether the radio is connected. */
  isUp = true;
  readonly #options: BenchOptions;
  #running: { readonly lock: Lock; readonly flash: Flash; readonly body: Body } | undefined;

  constructor(options: BenchOptions = {}) {
    this.#options = { tellsTime: true, ...options };
    this.hub = options.hub ?? new BenchHub(BENCH_NAMES);
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), "portner-lock-"));
    this.effects = { ...NO_EFFECTS, ...options.effects };
  }

  /** A lock that is commissioned, connected, has its cfg and knows the time. */
  static async ready(options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(options);
    await bench.powerOn();
    bench.hear("cfg", bench.hub.cfg());
    bench.connect();
    await bench.settle();
    return bench;
  }

  get flashPath(): string {
    return join(this.folder, "flash.log");
  }

  get worldPath(): string {
    return join(this.folder, "world.log");
  }

  get lock(): Lock {
    return this.#on.lock;
  }

  get flash(): Flash {
    return this.#on.flash;
  }

  get body(): Body {
    return this.#on.body;
  }

  /** Hub time. */
  now(): number {
    return BENCH_EPOCH + Math.round(this.clock.monotonic());
  }

  async powerOn(): Promise<void> {
    const { clock } = this;
    const failed = (cause: unknown): never => {
      throw cause;
    };
    const flash = await Flash.open(this.flashPath);
    if (flash.pair === undefined) await flash.commit({ t: "key", pair: makeKeyPair() });
    if (flash.commission === undefined) await flash.commit({ t: "commission", commission: this.hub.commission });
    const effects = (): Effects => this.effects;
    const physics = { clock, wall: () => this.now(), random: seededRandom(1), effects, speed: 1, failed };
    const body = await Body.open(this.worldPath, physics);
    const lock = new Lock({
      clock,
      random: systemRandom,
      flash,
      mechanism: body,
      radio: { publish: (channel, payload) => this.#publish(channel, payload), rssiDbm: () => -60 },
      firmware: "1.0.0-bench",
      crystalPpm: () => Math.max(100, Math.abs(this.effects.clockPpm)),
      beforeMotor: this.#options.beforeMotor ?? (() => undefined),
      failed,
    });
    body.sense({
      doorMoved: (door) => lock.doorMoved(door),
      boltTurned: () => lock.boltTurned(),
      runEnded: () => undefined,
    });
    this.#running = { lock, flash, body };
    await lock.start();
  }

  connect(): void {
    this.isUp = true;
    this.lock.connected();
    this.clock.advance(0);
  }

  disconnect(): void {
    this.isUp = false;
    this.lock.disconnected();
  }

  /** Power is lost, and the files are closed. */
  async powerOff(): Promise<void> {
    const { lock, body } = this.#on;
    this.#running = undefined;
    body.cutPower();
    await lock.stop();
    await body.close();
  }

  async reboot(): Promise<void> {
    await this.powerOff();
    await this.powerOn();
  }

  hear(channel: HeardChannel, bytes: Uint8Array, retained = false): Verdict {
    return this.lock.receive(channel, { bytes, retained });
  }

  /** Lets `ms` pass, with everything that is written in the meantime. */
  async pass(ms: number): Promise<void> {
    await this.settle();
    for (let left: number | undefined = ms; left !== undefined;) {
      left = this.clock.step(left);
      await this.settle();
    }
  }

  /** Waits for the disk, not for the clock. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await this.#running?.flash.settled();
      await this.#running?.body.settled();
      await new Promise(setImmediate);
    }
  }

  /** The events that were sent, in the order of sending, repetitions included. */
  events(): EventMessage[] {
    return this.sent.filter((one) => one.channel === "evt").map((one) => readSent("evt", one.payload));
  }

  asks(): AskMessage[] {
    return this.sent.filter((one) => one.channel === "ask").map((one) => readSent("ask", one.payload));
  }

  /** Acknowledges everything this boot has sent. */
  ackAll(): void {
    this.hear("ack", this.hub.ack(this.flash.boot, this.flash.seq));
  }

  /** The motor runs that the world saw. */
  async runs(): Promise<readonly WitnessedRun[]> {
    await this.settle();
    return readWitness(this.worldPath);
  }

  async remove(): Promise<void> {
    if (this.#running !== undefined) await this.powerOff();
    await rm(this.folder, { recursive: true });
  }

  get #on() {
    if (this.#running === undefined) throw new SimulatorError("NO_POWER", "the bench has no power");
    return this.#running;
  }

  #publish(channel: LockChannel, payload: Uint8Array): boolean {
    if (!this.isUp) return false;
    this.sent.push({ channel, payload });
    if (channel === "ask" && this.#options.tellsTime === true) this.#tellTime(readSent("ask", payload));
    return true;
  }

  #tellTime(ask: AskMessage): void {
    if (ask.kind !== "time") return;
    this.clock.after(0, () => {
      if (this.#running !== undefined) this.hear("ans", this.hub.time(ask.challenge, this.now()));
    });
  }
}
