import type { Cause, Facts } from "@portner/schema/mqtt";
import type { z } from "zod";

/** Where a leg of a motor run goes. */
export type Leg = "withdrawn" | "thrown";

/** Who made the motor run. */
export interface Origin {
  readonly cause: z.infer<typeof Cause>;
  readonly cmd?: string;
  readonly permit?: string;
}

/** How a leg ended: at its end, or given up on the way. */
export interface LegEnd {
  readonly towards: Leg;
  readonly outcome: "arrived" | "stalled";
  readonly durationMs: number;
  readonly loadMillivolts: number;
}

/** One run of the motor: its legs, one after the other, and who hears of them. */
export interface Run {
  readonly legs: readonly Leg[];
  readonly origin: Origin;
  started(towards: Leg): void;
  ended(end: LegEnd): void;
}

/** Motor, bolt, sensors and cells, as the firmware sees them. */
export interface Mechanism {
  facts(): Facts;
  /** Runs the motor once. A stalled leg ends the run. Never called while a run is under way. */
  run(run: Run): Promise<void>;
  /** Battery at rest, in millivolts. */
  idleMillivolts(): number;
  /** Lowest voltage of the last run, in millivolts; absent until the first. */
  loadMillivolts(): number | undefined;
  /** At the board, in whole °C. */
  temperatureCelsius(): number;
}
