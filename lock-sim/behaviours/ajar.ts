import { z } from "zod";
import type { Effects } from "./effects.ts";

/** The door is left ajar by whoever goes in, so it can't be locked again. */
export const AjarBehaviour = z.strictObject({ kind: z.literal("ajar") });

/** What it does to the lock. */
export const AJAR_EFFECTS: Partial<Effects> = { isLeftAjar: true };
