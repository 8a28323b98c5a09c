import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** Sessions that one entry names at most; what ends more at once tells them in several. */
export const SESSIONS_PER_ENTRY_MAX = 512;

/** Sessions ended: signed out, ended with a block, or replaced by newer ones of the same holder. */
export const sessionEnded = entryKind({
  kind: "session.ended",
  version: 1,
  effect: "revokes",
  data: z.strictObject({
    sessions: z.array(Key).min(1).max(SESSIONS_PER_ENTRY_MAX),
    cause: z.enum(["SIGNED_OUT", "BLOCKED", "CLOSED", "EXPIRED", "REPLACED"]),
  }),
});
