import { z } from "zod";
import { AJAR_EFFECTS, AjarBehaviour } from "./ajar.ts";
import { CRASH_EFFECTS, CrashBeforeMotorBehaviour } from "./crash-before-motor.ts";
import { DriftBehaviour, driftEffects } from "./drift.ts";
import { NO_EFFECTS, type Effects } from "./effects.ts";
import { GarbledLinkBehaviour, garbledLinkEffects } from "./garbled-link.ts";
import { JamBehaviour, jamEffects } from "./jam.ts";
import { LossyLinkBehaviour, lossyLinkEffects } from "./lossy-link.ts";
import { SILENT_EFFECTS, SilentBehaviour } from "./silent.ts";
import { SlowMotorBehaviour, slowMotorEffects } from "./slow-motor.ts";
import { WeakBatteryBehaviour, weakBatteryEffects } from "./weak-battery.ts";

/** A way in which a lock differs from a new one: a value, so that a file, a test or a line of input can say it. */
export const Behaviour = z.discriminatedUnion("kind", [
  AjarBehaviour,
  CrashBeforeMotorBehaviour,
  DriftBehaviour,
  GarbledLinkBehaviour,
  JamBehaviour,
  LossyLinkBehaviour,
  SilentBehaviour,
  SlowMotorBehaviour,
  WeakBatteryBehaviour,
]);
/** See {@link Behaviour}. */
export type Behaviour = z.infer<typeof Behaviour>;

function effectsOfOne(behaviour: Behaviour): Partial<Effects> {
  switch (behaviour.kind) {
    case "ajar":
      return AJAR_EFFECTS;
    case "crashBeforeMotor":
      return CRASH_EFFECTS;
    case "drift":
      return driftEffects(behaviour);
    case "garbledLink":
      return garbledLinkEffects(behaviour);
    case "jam":
      return jamEffects(behaviour);
    case "lossyLink":
      return lossyLinkEffects(behaviour);
    case "silent":
      return SILENT_EFFECTS;
    case "slowMotor":
      return slowMotorEffects(behaviour);
    case "weakBattery":
      return weakBatteryEffects(behaviour);
  }
}

/** What all of a lock's behaviours do together; of two of a kind the later one counts. */
export function effectsOf(behaviours: Iterable<Behaviour>): Effects {
  return { ...NO_EFFECTS, ...Object.fromEntries([...behaviours].flatMap((one) => Object.entries(effectsOfOne(one)))) };
}
