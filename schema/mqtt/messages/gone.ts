import { z } from "zod";
import { Boot, Identifier, MessageVersion } from "../identifier.ts";

/** `gone`: the lock's will, QoS 1, MAC with the telemetry key. A hint only; presence is the heartbeat. */
export const GoneMessage = z.strictObject({ v: MessageVersion, unit: Identifier, boot: Boot });
/** See {@link GoneMessage}. */
export type GoneMessage = z.infer<typeof GoneMessage>;
