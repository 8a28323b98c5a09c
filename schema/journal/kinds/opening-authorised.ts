import { z } from "zod";
import { Basis } from "../../access/basis.ts";
import { entryKind, Key, TextReference } from "../kind.ts";

/** A person may open a door or a path: the decision, once for all its doors. */
export const openingAuthorised = entryKind({
  kind: "opening.authorised",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    operation: z.uuid(),
    path: Key.nullable(),
    locks: z.array(Key).min(1).max(16),
    skippedDoors: z.array(Key).max(16),
    basis: Basis,
    reason: TextReference.nullable(),
    body: z.string(),
  }),
});
