import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** Sessions ended: signed out, or ended with a block. */
export const sessionEnded = entryKind({
  kind: "session.ended",
  version: 1,
  effect: "revokes",
  data: z.strictObject({
    sessions: z.array(Key).min(1).max(512),
    cause: z.enum(["SIGNED_OUT", "BLOCKED", "CLOSED", "EXPIRED"]),
  }),
});
