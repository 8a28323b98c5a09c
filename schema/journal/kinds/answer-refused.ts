import { z } from "zod";
import { DenialReason } from "../../access/denial.ts";
import { Challenge } from "../../mqtt/identifier.ts";
import { entryKind } from "../kind.ts";

/** A lock asked about a credential shown at its door and was told not to open. */
export const answerRefused = entryKind({
  kind: "answer.refused",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ reasons: z.array(DenialReason).min(1), challenge: Challenge }),
});
