import { z } from "zod";
import type { Effects } from "./effects.ts";

/** A modem that turns bits over in what the lock sends. */
export const GarbledLinkBehaviour = z.strictObject({
  kind: z.literal("garbledLink"),
  garble: z.number().min(0).max(1).default(0.5),
});
/** See {@link GarbledLinkBehaviour}. */
export type GarbledLinkBehaviour = z.infer<typeof GarbledLinkBehaviour>;

/** What it does to the lock. */
export function garbledLinkEffects(behaviour: GarbledLinkBehaviour): Partial<Effects> {
  return { garbleChance: behaviour.garble };
}
