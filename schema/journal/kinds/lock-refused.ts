import { z } from "zod";
import { Boot, Instant, Sequence } from "../../mqtt/identifier.ts";
import { RefusalReason } from "../../mqtt/messages/evt.ts";
import { entryKind } from "../kind.ts";

/** A lock's refusals since the last summary. */
export const lockRefused = entryKind({
  kind: "lock.refused",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    from: Instant,
    to: Instant,
    counts: z.partialRecord(RefusalReason, z.int().min(1)),
    commands: z.array(z.strictObject({ id: z.string(), reason: RefusalReason })),
  }),
});
