import type { KeyObject } from "node:crypto";
import { fromBase64url, type RefusalReason } from "@portner/schema/mqtt";
import type { Clock } from "../ground/clock.ts";
import { Counters } from "../ground/counters.ts";
import { SimulatorError } from "../ground/fault.ts";
import type { Random } from "../ground/random.ts";
import { VerificationBudget } from "./budget.ts";
import { Challenges } from "./challenges.ts";
import type { Flash } from "./flash.ts";
import { KeyRing } from "./key-ring.ts";
import { readSecretKey } from "./keys.ts";
import { LockTime } from "./lock-time.ts";
import type { Mechanism } from "./mechanism.ts";
import type { Radio } from "./radio.ts";
import type { Commission } from "./record.ts";
import { Recorder, type EventBody } from "./recorder.ts";
import { Refusals } from "./refusals.ts";
import { Sender } from "./sender.ts";

/** What a lock is built from: everything outside the processor is handed in. */
export interface LockDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly flash: Flash;
  readonly mechanism: Mechanism;
  readonly radio: Radio;
  readonly firmware: string;
  /** Bound of the oscillator's error by its data sheet, in parts per million. */
  readonly crystalPpm: () => number;
  /** Runs between a command's record being safe and the motor. Behaviours crash here. */
  readonly beforeMotor: () => void;
  /** Something that must not happen did: the flash can't be written. */
  readonly failed: (cause: unknown) => void;
}

/** What the parts of one running lock share. */
export interface Core {
  readonly deps: LockDeps;
  readonly flash: Flash;
  readonly identity: Commission;
  readonly secretKey: KeyObject;
  readonly telemetryKey: Uint8Array;
  readonly keys: KeyRing;
  readonly time: LockTime;
  readonly challenges: Challenges;
  readonly budget: VerificationBudget;
  readonly sender: Sender;
  readonly recorder: Recorder;
  readonly refusals: Refusals;
  readonly counters: Counters;
  /** Records an event that nothing waits for. */
  readonly emit: (body: EventBody) => void;
  readonly isStopped: () => boolean;
  /** Whether a message is meant for another unit or tenant. */
  readonly misaddressed: (message: { readonly tenant: string; readonly unit: string }) => RefusalReason | undefined;
}

/** Puts a lock's parts together. The flash must hold a key pair and a commission. */
export function createCore(deps: LockDeps, isStopped: () => boolean): Core {
  const { flash, clock, random, radio } = deps;
  const { pair, commission: identity } = flash;
  const telemetryKey = fromBase64url(identity?.telemetryKey ?? "");
  if (pair === undefined || identity === undefined || telemetryKey === undefined) {
    throw new SimulatorError("NOT_COMMISSIONED", "this flash holds no commission");
  }
  const { unit, tenant } = identity;
  const secretKey = readSecretKey(pair);
  const counters = new Counters();
  const time = new LockTime({ clock, crystalPpm: deps.crystalPpm, floor: flash.timeFloor });
  const sender = new Sender({ clock, flash, radio, counters, unit, secretKey });
  const recorder = new Recorder({ flash, time, unit, durable: (seq) => isStopped() || sender.durable(seq) });
  return {
    deps,
    flash,
    identity,
    secretKey,
    telemetryKey,
    keys: new KeyRing(flash, identity.rootKey),
    time,
    challenges: new Challenges({ clock, random }),
    budget: new VerificationBudget(clock),
    sender,
    recorder,
    refusals: new Refusals({ clock, flash, time, recorder, counters }),
    counters,
    emit: (body) => {
      recorder.record(body).catch(deps.failed);
    },
    isStopped,
    misaddressed: (message) => {
      if (message.unit !== unit) return "WRONG_UNIT";
      return message.tenant === tenant ? undefined : "WRONG_TENANT";
    },
  };
}
