import { z } from "zod";
import type { Effects } from "./effects.ts";

/** Power is lost (the process kills itself) after a command is persisted and before the motor runs. */
export const CrashBeforeMotorBehaviour = z.strictObject({ kind: z.literal("crashBeforeMotor") });

/** What it does to the lock. */
export const CRASH_EFFECTS: Partial<Effects> = { isCrashing: true };
