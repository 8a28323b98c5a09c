import { z } from "zod";
import { DoorPosition } from "../../mqtt/facts.ts";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A door was opened or closed. */
export const lockDoor = entryKind({
  kind: "lock.door",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    door: DoorPosition,
  }),
});
