import { z } from "zod";
import { Basis } from "../../access/basis.ts";
import { Generation, Instant } from "../../mqtt/identifier.ts";
import { Operation } from "../../mqtt/messages/cmd.ts";
import { entryKind } from "../kind.ts";

/** One door's command may be signed now; decided anew for each door. */
export const commandAuthorised = entryKind({
  kind: "command.authorised",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    operation: z.uuid(),
    position: z.int().min(0),
    op: Operation,
    generation: Generation,
    expiresAt: Instant,
    basis: Basis.nullable(),
  }),
});
