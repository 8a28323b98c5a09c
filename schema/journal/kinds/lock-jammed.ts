import { z } from "zod";
import { Boot, Sequence } from "../../mqtt/identifier.ts";
import { Cause } from "../../mqtt/messages/evt.ts";
import { entryKind } from "../kind.ts";

/** A lock's motor gave up before the end of its way. */
export const lockJammed = entryKind({
  kind: "lock.jammed",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    cause: Cause,
    command: z.string().nullable(),
    permit: z.string().nullable(),
    towards: z.enum(["withdrawn", "thrown"]),
  }),
});
