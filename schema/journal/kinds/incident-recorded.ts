import { z } from "zod";
import { entryKind } from "../kind.ts";

/** Something that must not happen was seen and contained. */
export const incidentRecorded = entryKind({
  kind: "incident.recorded",
  version: 1,
  effect: "neutral",
  data: z.strictObject({
    code: z.enum(["EVENT_CONTENT_CONFLICT", "UNKNOWN_COMMAND_EVIDENCE", "FOREIGN_SIGNATURE"]),
    boot: z.int().min(0),
    sequence: z.int().min(0),
  }),
});
