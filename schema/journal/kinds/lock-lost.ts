import { z } from "zod";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock overwrote events before they were acknowledged. */
export const lockLost = entryKind({
  kind: "lock.lost",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    from: Sequence,
  }),
});
