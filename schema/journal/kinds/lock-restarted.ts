import { z } from "zod";
import { Facts } from "../../mqtt/facts.ts";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock started; the first event of a boot. */
export const lockRestarted = entryKind({
  kind: "lock.restarted",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    cause: z.enum(["commissioned", "power", "update", "watchdog"]),
    facts: Facts,
  }),
});
