import { z } from "zod";
import { Boot, Digest, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock proved what it has stored. */
export const lockHolds = entryKind({
  kind: "lock.holds",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    cfg: z.strictObject({ version: z.int().min(0), digest: Digest }).nullable(),
    deny: z.strictObject({ version: z.int().min(0), digest: Digest }),
  }),
});
