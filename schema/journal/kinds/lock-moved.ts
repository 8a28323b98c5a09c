import { z } from "zod";
import { BoltPosition, LatchPosition } from "../../mqtt/facts.ts";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { Cause } from "../../mqtt/messages/evt.ts";
import { entryKind } from "../kind.ts";

/** Bolt and latch came to stand. */
export const lockMoved = entryKind({
  kind: "lock.moved",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    cause: Cause,
    command: z.string().nullable(),
    permit: z.string().nullable(),
    bolt: BoltPosition,
    latch: LatchPosition,
    durationMs: z.int().min(0),
    batteryLoadMillivolts: z.int().min(0).nullable(),
  }),
});
