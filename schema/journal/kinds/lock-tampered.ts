import { z } from "zod";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock was tampered with. */
export const lockTampered = entryKind({
  kind: "lock.tampered",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    what: z.enum(["cover", "force", "battery"]),
  }),
});
