import { z } from "zod";
import type { Effects } from "./effects.ts";

/** The bolt meets resistance: a leg of a motor run stalls, always or by chance. */
export const JamBehaviour = z.strictObject({ kind: z.literal("jam"), chance: z.number().min(0).max(1).default(1) });
/** See {@link JamBehaviour}. */
export type JamBehaviour = z.infer<typeof JamBehaviour>;

/** What it does to the lock. */
export function jamEffects(behaviour: JamBehaviour): Partial<Effects> {
  return { jamChance: behaviour.chance };
}
