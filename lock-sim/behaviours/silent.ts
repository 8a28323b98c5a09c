import { z } from "zod";
import type { Effects } from "./effects.ts";

/** A dead radio: the connection stands, and nothing comes or goes. */
export const SilentBehaviour = z.strictObject({ kind: z.literal("silent") });

/** What it does to the lock. */
export const SILENT_EFFECTS: Partial<Effects> = { isSilent: true };
