import { z } from "zod";
import { Boot, Generation, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A permit let somebody in without a hub. */
export const lockEntry = entryKind({
  kind: "lock.entry",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    permit: z.string(),
    generation: Generation,
  }),
});
