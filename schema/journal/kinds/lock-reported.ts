import { z } from "zod";
import { Facts } from "../../mqtt/facts.ts";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock reported its three facts. */
export const lockReported = entryKind({
  kind: "lock.reported",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    command: z.string().nullable(),
    facts: Facts,
  }),
});
