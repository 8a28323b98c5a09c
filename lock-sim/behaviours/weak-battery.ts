import { z } from "zod";
import type { Effects } from "./effects.ts";

/** Cells that are nearly empty. */
export const WeakBatteryBehaviour = z.strictObject({
  kind: z.literal("weakBattery"),
  charge: z.number().min(0).max(1).default(0.04),
});
/** See {@link WeakBatteryBehaviour}. */
export type WeakBatteryBehaviour = z.infer<typeof WeakBatteryBehaviour>;

/** What it does to the lock. */
export function weakBatteryEffects(behaviour: WeakBatteryBehaviour): Partial<Effects> {
  return { startCharge: behaviour.charge };
}
