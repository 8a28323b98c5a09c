import { z } from "zod";
import { entryKind } from "../kind.ts";

/** A command was never sent: link down, lock silent, or too late to sign. */
export const commandAbandoned = entryKind({
  kind: "command.abandoned",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    operation: z.uuid(),
    cause: z.enum(["LOCK_OFFLINE", "HUB_OFFLINE", "TOO_LATE", "DENIED_ANEW"]),
  }),
});
