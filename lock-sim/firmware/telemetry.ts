import { HEARTBEAT_MS, type TelemetryMessage } from "@portner/schema/mqtt";
import { fraction } from "../ground/random.ts";
import type { Core } from "./core.ts";
import { macMessage } from "./keys.ts";

/** The heartbeat: readings at an even pace, starting anywhere in it so that a thousand locks don't beat together. */
export class Telemetry {
  readonly #core: Core;
  readonly #beat: () => void;
  #cancel: (() => void) | undefined;

  /** `beat` runs with every heartbeat, connected or not. */
  constructor(core: Core, beat: () => void) {
    this.#core = core;
    this.#beat = beat;
  }

  start(): void {
    this.#next(fraction(this.#core.deps.random) * this.#intervalMs());
  }

  /**
   * Begins the new pace that the cfg asks for: with a reading within its jitter, so that a hub that counts silence by the
   * new pace, or has just come to know the lock, hears it at once, and not after a beat of the old one.
   */
  pace(): void {
    this.#cancel?.();
    const jitterMs = this.#core.flash.config?.message.jitterMs ?? 0;
    this.#next(fraction(this.#core.deps.random) * Math.min(jitterMs, this.#intervalMs()));
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Sends one reading now. */
  send(): void {
    const { deps, identity, telemetryKey } = this.#core;
    deps.radio.publish("tel", macMessage("tel", { kid: identity.unit, key: telemetryKey }, this.#reading()));
  }

  /** The will that the broker sends when this lock's connection breaks. */
  will(): Uint8Array {
    const { identity, flash, telemetryKey } = this.#core;
    const { unit } = identity;
    return macMessage("gone", { kid: unit, key: telemetryKey }, { v: 1, unit, boot: flash.boot });
  }

  #intervalMs(): number {
    return this.#core.flash.config?.message.heartbeatMs ?? HEARTBEAT_MS;
  }

  #next(delayMs: number): void {
    this.#cancel = this.#core.deps.clock.after(delayMs, () => {
      this.#next(this.#intervalMs());
      this.#beat();
      this.send();
    });
  }

  #reading(): TelemetryMessage {
    const { deps, flash, time, identity } = this.#core;
    const { mechanism, radio } = deps;
    const loadMillivolts = mechanism.loadMillivolts();
    return {
      v: 1,
      unit: identity.unit,
      boot: flash.boot,
      at: time.now(),
      seq: flash.seq,
      intervalMs: this.#intervalMs(),
      batteryIdleMillivolts: mechanism.idleMillivolts(),
      ...(loadMillivolts === undefined ? {} : { batteryLoadMillivolts: loadMillivolts }),
      temperatureCelsius: mechanism.temperatureCelsius(),
      rssiDbm: radio.rssiDbm(),
      clockErrorMs: time.errorMs(),
      clockTrusted: time.isTrusted(),
      firmware: deps.firmware,
      facts: mechanism.facts(),
    };
  }
}
