import { z } from "zod";
import { entryKind } from "../kind.ts";

/** The lock said that a command came too late. */
export const commandExpired = entryKind({
  kind: "command.expired",
  version: 1,
  effect: "neutral",
  data: z.strictObject({}),
});
