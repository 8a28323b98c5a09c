import { z } from "zod";
import type { Effects } from "./effects.ts";

/** A bad crystal: the clock runs fast by this many parts per million, slow when negative. The data sheet says so. */
export const DriftBehaviour = z.strictObject({ kind: z.literal("drift"), ppm: z.number().min(-100_000).max(100_000) });
/** See {@link DriftBehaviour}. */
export type DriftBehaviour = z.infer<typeof DriftBehaviour>;

/** What it does to the lock. */
export function driftEffects(behaviour: DriftBehaviour): Partial<Effects> {
  return { clockPpm: behaviour.ppm };
}
