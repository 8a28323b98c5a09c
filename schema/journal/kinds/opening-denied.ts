import { z } from "zod";
import { DenialReason } from "../../access/denial.ts";
import { entryKind, Key } from "../kind.ts";

/** A person may not open: all reasons found, most telling first. */
export const openingDenied = entryKind({
  kind: "opening.denied",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    operation: z.uuid(),
    path: Key.nullable(),
    locks: z.array(Key).max(16),
    refusedLock: Key.nullable(),
    reasons: z.array(DenialReason).min(1),
    body: z.string(),
  }),
});
