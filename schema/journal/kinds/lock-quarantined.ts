import { z } from "zod";
import { Boot } from "../../mqtt/identifier.ts";
import { entryKind, Key } from "../kind.ts";

/** A lock sent what a sound lock can't send; it opens for nobody until a person looked at it. */
export const lockQuarantined = entryKind({
  kind: "lock.quarantined",
  version: 1,
  effect: "revokes",
  data: z.strictObject({
    lock: Key,
    unit: Key,
    cause: z.enum(["SEQUENCE_JUMP", "CONTENT_CONFLICT", "BOOT_REVERSED", "FLOOD"]),
    boot: Boot,
    sequence: z.int().min(0),
  }),
});
