import { z } from "zod";
import { entryKind } from "../kind.ts";

/** No evidence came in time; whether the door opened is not known. */
export const commandUnknown = entryKind({
  kind: "command.unknown",
  version: 1,
  effect: "neutral",
  data: z.strictObject({}),
});
