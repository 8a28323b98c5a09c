import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/**
 * An operation over a path ended: all doors opened, or stopped at one. One that stopped ends a second time, as complete,
 * when late evidence has shown that every door had opened.
 */
export const openingFinished = entryKind({
  kind: "opening.finished",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    operation: z.uuid(),
    outcome: z.enum(["complete", "partial"]),
    stoppedAt: Key.nullable(),
    cause: z
      .enum(["jammed", "rejected", "expired", "unknown", "abandoned", "denied", "offline"])
      .nullable()
      .describe("Why it stopped; null when every door opened."),
  }),
});
