import { z } from "zod";
import type { Effects } from "./effects.ts";

/** A bad radio link, in both directions. */
export const LossyLinkBehaviour = z.strictObject({
  kind: z.literal("lossyLink"),
  drop: z.number().min(0).max(1).default(0.1),
  duplicate: z.number().min(0).max(1).default(0.2),
  reorder: z.number().min(0).max(1).default(0.1),
});
/** See {@link LossyLinkBehaviour}. */
export type LossyLinkBehaviour = z.infer<typeof LossyLinkBehaviour>;

/** What it does to the lock. */
export function lossyLinkEffects(behaviour: LossyLinkBehaviour): Partial<Effects> {
  return { dropChance: behaviour.drop, duplicateChance: behaviour.duplicate, reorderChance: behaviour.reorder };
}
