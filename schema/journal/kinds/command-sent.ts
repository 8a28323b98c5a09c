import { z } from "zod";
import { entryKind } from "../kind.ts";

/** A command was signed and handed to the broker. */
export const commandSent = entryKind({
  kind: "command.sent",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ operation: z.uuid(), challenged: z.boolean() }),
});
