import { z } from "zod";
import { Boot, Generation, Sequence } from "../../mqtt/identifier.ts";
import { Operation } from "../../mqtt/messages/cmd.ts";
import { entryKind } from "../kind.ts";

/** A lock accepted a command and stored it; the motor had not run. */
export const lockAccepted = entryKind({
  kind: "lock.accepted",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    boot: Boot,
    sequence: Sequence,
    clockTrusted: z.boolean(),
    clockErrorMs: z.int().min(0),
    op: Operation,
    generation: Generation,
  }),
});
