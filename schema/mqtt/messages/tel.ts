import { z } from "zod";
import { Facts } from "../facts.ts";
import { Boot, Identifier, Instant, MessageVersion } from "../identifier.ts";

/**
 * `tel`: lock → hub, QoS 0, MAC with the unit's telemetry key. Heartbeat and readings. May be lost. Its facts are hints:
 * they refresh or cast doubt on a fact that a signed event set, and never set one.
 */
export const TelemetryMessage = z.strictObject({
  v: MessageVersion,
  unit: Identifier,
  boot: Boot,
  at: Instant.describe("Lock time of the reading."),
  seq: z.int().min(0).describe("Last event number made in this boot; tells the hub what it is missing."),
  intervalMs: z.int().min(1_000).max(86_400_000).describe("Heartbeat interval the lock keeps now, in milliseconds."),
  batteryIdleMillivolts: z
    .int()
    .min(0)
    .max(8_000)
    .describe("Battery at rest, in millivolts (four AA cells: 4,000–6,600)."),
  batteryLoadMillivolts: z
    .int()
    .min(0)
    .max(8_000)
    .optional()
    .describe("Lowest voltage of the last motor run, in millivolts. Absent until the first."),
  temperatureCelsius: z.int().min(-60).max(100).describe("At the board, in whole °C."),
  rssiDbm: z.int().min(-130).max(0).describe("Received signal strength, in dBm."),
  clockErrorMs: z
    .int()
    .min(0)
    .max(86_400_000)
    .describe("Bound of the clock's error by the lock's own estimate, in milliseconds."),
  clockTrusted: z.boolean().describe("Whether the lock accepts commands and permits by its clock."),
  firmware: z.string().regex(/^[0-9A-Za-z.+-]{1,32}$/),
  facts: Facts.describe("The three facts as hints."),
});
/** See {@link TelemetryMessage}. */
export type TelemetryMessage = z.infer<typeof TelemetryMessage>;
