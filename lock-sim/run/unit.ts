import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { effectsOf, type Behaviour } from "../behaviours/behaviour.ts";
import type { Effects } from "../behaviours/effects.ts";
import { Flash } from "../firmware/flash.ts";
import { makeKeyPair, type KeyPair } from "../firmware/keys.ts";
import { Lock } from "../firmware/lock.ts";
import { CRYSTAL_PPM } from "../firmware/lock-time.ts";
import type { Commission } from "../firmware/record.ts";
import { bentClock, type Clock } from "../ground/clock.ts";
import { SimulatorError } from "../ground/fault.ts";
import type { Random } from "../ground/random.ts";
import { Link } from "../link/link.ts";
import { Body } from "../physics/body.ts";
import { Visitor } from "../physics/visitor.ts";
import { FIRMWARE } from "./commission.ts";

/** What all units of a run share. */
export interface UnitDeps {
  readonly clock: Clock;
  readonly wall: () => number;
  /** For keys and challenges. */
  readonly random: Random;
  /** For physics and radio; may be seeded. */
  readonly chance: Random;
  readonly speed: number;
  readonly brokerUrl: string | undefined;
  readonly hasVisitors: boolean;
  /** Told when a connection ends and when something fails that must not. */
  readonly told: (what: "closed" | "failed", serial: string, reason: string) => void;
}

/** The lock and its radio while there is power. */
interface Powered {
  readonly lock: Lock;
  readonly link: Link;
}

/** One simulated lock: a body that stays, a flash that stays, and firmware that comes and goes with the power. */
export class Unit {
  readonly serial: string;
  readonly body: Body;
  readonly #deps: UnitDeps;
  readonly #folder: string;
  readonly #behaviours: Map<Behaviour["kind"], Behaviour>;
  readonly #visitor: Visitor;
  readonly #effects: () => Effects;
  #flash: Flash | undefined;
  #powered: Powered | undefined;

  private constructor(
    made: { serial: string; folder: string; body: Body; behaviours: Map<Behaviour["kind"], Behaviour> },
    effects: () => Effects,
    deps: UnitDeps,
  ) {
    this.serial = made.serial;
    this.body = made.body;
    this.#folder = made.folder;
    this.#behaviours = made.behaviours;
    this.#effects = effects;
    this.#deps = deps;
    this.#visitor = new Visitor(made.body, { clock: deps.clock, random: deps.chance, effects });
    made.body.sense({
      doorMoved: (door) => this.#powered?.lock.doorMoved(door),
      boltTurned: () => this.#powered?.lock.boltTurned(),
      runEnded: (towards, cause) => deps.hasVisitors && this.#visitor.runEnded(towards, cause),
    });
  }

  /** Takes the unit out of its box, or up where its folder left it. */
  static async open(
    at: { readonly serial: string; readonly folder: string; readonly behaviours: readonly Behaviour[] },
    deps: UnitDeps,
  ): Promise<Unit> {
    const { serial, folder } = at;
    await mkdir(folder, { recursive: true });
    const behaviours = new Map(at.behaviours.map((behaviour) => [behaviour.kind, behaviour]));
    const effects = (): Effects => effectsOf(behaviours.values());
    const failed = (cause: unknown): void => deps.told("failed", serial, String(cause));
    const { clock, wall, chance: random, speed } = deps;
    const body = await Body.open(join(folder, WORLD_FILE), { clock, wall, random, effects, speed, failed });
    return new Unit({ serial, folder, body, behaviours }, effects, deps);
  }

  /** What the unit was told when it was commissioned, if it was. */
  async commission(): Promise<Commission | undefined> {
    return (await this.#openFlash()).commission;
  }

  /** The unit's key pair; made, and safe on flash, at the first call: what is claimed for it outlasts a loss of power. */
  async keyPair(): Promise<KeyPair> {
    const flash = await this.#openFlash();
    const pair = flash.pair ?? makeKeyPair();
    if (flash.pair === undefined) await flash.commit({ t: "key", pair });
    return pair;
  }

  async keepCommission(commission: Commission): Promise<void> {
    await (await this.#openFlash()).commit({ t: "commission", commission });
  }

  /** Starts the firmware, and connects after `delayMs`. The unit must be commissioned. */
  async powerOn(delayMs: number): Promise<void> {
    if (this.#powered !== undefined) return;
    const flash = await this.#openFlash();
    if (flash.commission === undefined)
      throw new SimulatorError("NOT_COMMISSIONED", `\`${this.serial}\` has no hub yet`);
    const { chance, brokerUrl, told, random } = this.#deps;
    const effects = this.#effects;
    // A crystal is as bad as its data sheet says, so the lock knows the bound but not the error.
    const clock = bentClock(this.#deps.clock, () => effects().clockPpm);
    const closed = (reason: string): void => told("closed", this.serial, reason);
    const link = new Link({ clock, random: chance, effects, identity: flash.commission, brokerUrl, closed });
    const lock = new Lock({
      clock,
      random,
      flash,
      mechanism: this.body,
      radio: link,
      firmware: FIRMWARE,
      crystalPpm: () => Math.max(CRYSTAL_PPM, Math.abs(effects().clockPpm)),
      beforeMotor: () => effects().isCrashing && process.kill(process.pid, "SIGKILL"),
      failed: (cause) => this.#powered?.lock === lock && told("failed", this.serial, String(cause)),
    });
    this.#powered = { lock, link };
    await lock.start();
    link.start(
      {
        will: () => lock.will(),
        connected: () => lock.connected(),
        disconnected: () => lock.disconnected(),
        receive: (channel, incoming) => lock.receive(channel, incoming),
      },
      delayMs,
    );
  }

  /** The power is gone, now: what is not on flash is lost, and the motor stops where it is. */
  async losePower(): Promise<void> {
    await this.#powerOff(false);
  }

  /** The running firmware, if there is power. */
  get lock(): Lock | undefined {
    return this.#powered?.lock;
  }

  get isConnected(): boolean {
    return this.#powered?.link.isUp ?? false;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviours.set(behaviour.kind, behaviour);
  }

  unbehave(kind: Behaviour["kind"]): void {
    this.#behaviours.delete(kind);
  }

  /** Ends the simulation of this unit; its files stay. */
  async close(): Promise<void> {
    this.#visitor.stop();
    await this.#powerOff(true);
    await this.#flash?.close();
    await this.body.close();
  }

  async #openFlash(): Promise<Flash> {
    this.#flash ??= await Flash.open(join(this.#folder, FLASH_FILE));
    return this.#flash;
  }

  async #powerOff(politely: boolean): Promise<void> {
    const powered = this.#powered;
    if (powered === undefined) return;
    this.#powered = undefined;
    this.#flash = undefined;
    this.body.cutPower();
    await Promise.all([powered.link.stop(politely), powered.lock.stop()]);
  }
}

/** File of a unit's flash, in its folder. */
export const FLASH_FILE = "flash.log";
/** File of the world around a unit, the independent witness, in its folder. */
export const WORLD_FILE = "world.log";
