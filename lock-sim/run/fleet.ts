import { join } from "node:path";
import { behavioursFor, type BehaviourPlan } from "../behaviours/plan.ts";
import { commissionUnit } from "./commission.ts";
import { Unit, type UnitDeps } from "./unit.ts";

/** Units that are commissioned at once; the hub hashes and signs for each. */
const COMMISSIONED_AT_ONCE = 12;
/** Pause between the first connects of two locks, in milliseconds: 1,200 locks take five seconds. */
const CONNECT_STAGGER_MS = 4;

/** A lock of a world file, as far as a simulator needs it. */
export interface FleetLock {
  readonly serial: string;
  readonly claim: string;
  readonly model: string;
}

/** What the fleet tells while it works; each becomes a line of JSON. */
export type FleetTold = (line: { readonly event: string; readonly [field: string]: unknown }) => void;

interface Options {
  readonly hubUrl: string;
  readonly stateFolder: string;
  readonly plan: BehaviourPlan;
  readonly told: FleetTold;
}

/** All simulated locks of one process. */
export class Fleet {
  readonly #options: Options;
  readonly #deps: UnitDeps;
  readonly #units = new Map<string, Unit>();
  readonly #abort = new AbortController();
  #failed = 0;

  constructor(options: Options, deps: UnitDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  find(serial: string): Unit | undefined {
    return this.#units.get(serial);
  }

  get counts(): { readonly running: number; readonly connected: number; readonly failed: number } {
    const units = [...this.#units.values()];
    const running = units.filter((unit) => unit.lock !== undefined).length;
    return { running, connected: units.filter((unit) => unit.isConnected).length, failed: this.#failed };
  }

  /** Brings up every lock, commissioning those that need it. Resolves when all run or have failed. */
  async start(locks: readonly FleetLock[]): Promise<void> {
    const waiting = locks.entries();
    const worker = async (): Promise<void> => {
      for (const [index, lock] of waiting) await this.#bringUp(lock, index);
    };
    await Promise.all(Array.from({ length: COMMISSIONED_AT_ONCE }, worker));
  }

  /** Stops every lock politely. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([...this.#units.values()].map((unit) => unit.close()));
  }

  async #bringUp(lock: FleetLock, index: number): Promise<void> {
    const { stateFolder, plan, told } = this.#options;
    const { serial } = lock;
    if (this.#abort.signal.aborted) return;
    try {
      const at = { serial, folder: join(stateFolder, serial), behaviours: behavioursFor(plan, serial) };
      const unit = await Unit.open(at, this.#deps);
      this.#units.set(serial, unit);
      const wasCommissioned = (await unit.commission()) !== undefined;
      if (!wasCommissioned) await this.#commission(unit, lock);
      if (!this.#abort.signal.aborted) await unit.powerOn(wasCommissioned ? index * CONNECT_STAGGER_MS : 0);
    } catch (cause) {
      if (this.#abort.signal.aborted) return;
      this.#failed += 1;
      const code = cause instanceof Error && "code" in cause ? cause.code : "UNEXPECTED";
      told({ event: "failed", serial, code, reason: String(cause) });
    }
  }

  async #commission(unit: Unit, lock: FleetLock): Promise<void> {
    const pair = await unit.keyPair();
    const { serial, claim, model } = lock;
    const tools = { random: this.#deps.random, signal: this.#abort.signal };
    const commission = await commissionUnit(this.#options.hubUrl, { serial, claim, model, pair }, tools);
    await unit.keepCommission(commission);
    this.#options.told({ event: "commissioned", serial, lock: commission.lock, unit: commission.unit });
  }
}
