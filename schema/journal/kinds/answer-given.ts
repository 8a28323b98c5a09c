import { z } from "zod";
import { Basis } from "../../access/basis.ts";
import { Challenge, Generation, Instant } from "../../mqtt/identifier.ts";
import { Operation } from "../../mqtt/messages/cmd.ts";
import { entryKind } from "../kind.ts";

/** A lock asked about a credential shown at its door and was told to open. */
export const answerGiven = entryKind({
  kind: "answer.given",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    operation: z.uuid(),
    op: Operation,
    generation: Generation,
    expiresAt: Instant,
    basis: Basis,
    challenge: Challenge,
  }),
});
