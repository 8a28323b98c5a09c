import { z } from "zod";
import { entryKind } from "../kind.ts";

/** A sign-in was refused. */
export const sessionRefused = entryKind({
  kind: "session.refused",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    cause: z.enum(["UNKNOWN_OR_WRONG", "THROTTLED", "BLOCKED"]),
    loginDigest: z.string().max(64),
  }),
});
