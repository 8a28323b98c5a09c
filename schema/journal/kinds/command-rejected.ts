import { z } from "zod";
import { RefusalReason } from "../../mqtt/messages/evt.ts";
import { entryKind } from "../kind.ts";

/** The lock refused a command and said why. */
export const commandRejected = entryKind({
  kind: "command.rejected",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ reason: RefusalReason }),
});
