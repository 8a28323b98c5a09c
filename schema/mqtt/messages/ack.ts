import { z } from "zod";
import { Boot, Identifier, Instant, MessageVersion, Sequence } from "../identifier.ts";

/**
 * `ack`: hub → lock, QoS 1, signed with the command key. Cumulative: everything of `boot` up to `seq` is committed in
 * the journal, and the lock may drop it from its ring. Sent only after the commit, at most one a lock each 200 ms.
 */
export const AckMessage = z.strictObject({
  v: MessageVersion,
  tenant: Identifier,
  unit: Identifier,
  boot: Boot.describe("Boot whose events are acknowledged; every earlier boot is acknowledged whole."),
  seq: z
    .int()
    .min(0)
    .max(Sequence.maxValue ?? Number.MAX_SAFE_INTEGER)
    .describe("Last committed number; 0 asks for the boot from its start."),
  iat: Instant,
});
/** See {@link AckMessage}. */
export type AckMessage = z.infer<typeof AckMessage>;
