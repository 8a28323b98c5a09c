import { z } from "zod";
import type { Effects } from "./effects.ts";

/** Dry grease or cold: the motor needs longer by this factor. */
export const SlowMotorBehaviour = z.strictObject({
  kind: z.literal("slowMotor"),
  factor: z.number().min(1).max(10).default(3),
});
/** See {@link SlowMotorBehaviour}. */
export type SlowMotorBehaviour = z.infer<typeof SlowMotorBehaviour>;

/** What it does to the lock. */
export function slowMotorEffects(behaviour: SlowMotorBehaviour): Partial<Effects> {
  return { travelFactor: behaviour.factor };
}
