import { z } from "zod";

/** Where the bolt is. `between` is neither end: jammed or stopped. `unknown` until the lock has measured it. */
export const BoltPosition = z
  .enum(["thrown", "withdrawn", "between", "unknown"])
  .describe("Bolt: thrown (locked), withdrawn (unlocked), between (jammed or stopped), unknown until measured.");
/** See {@link BoltPosition}. */
export type BoltPosition = z.infer<typeof BoltPosition>;

/** Where the latch is: `extended` holds a closed door, `retracted` lets it be pushed open. */
export const LatchPosition = z
  .enum(["extended", "retracted", "unknown"])
  .describe("Latch: extended (holds the door), retracted (door can be pushed open), unknown until measured.");
/** See {@link LatchPosition}. */
export type LatchPosition = z.infer<typeof LatchPosition>;

/** Whether the door leaf is in its frame, by the door sensor. */
export const DoorPosition = z
  .enum(["open", "closed", "unknown"])
  .describe("Door leaf by its sensor: open, closed, unknown until measured.");
/** See {@link DoorPosition}. */
export type DoorPosition = z.infer<typeof DoorPosition>;

/** The three facts of a door as its lock sees them at one moment. */
export const Facts = z.strictObject({ bolt: BoltPosition, latch: LatchPosition, door: DoorPosition });
/** See {@link Facts}. */
export type Facts = z.infer<typeof Facts>;
