import { z } from "zod";
import { BlockSubject } from "../../access/subject.ts";
import { Instant } from "../../mqtt/identifier.ts";
import { entryKind, Key, TextReference } from "../kind.ts";

/** A block was placed on a subject. Blocks never change; a lift names them. */
export const blockPlaced = entryKind({
  kind: "block.placed",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ block: Key, subject: BlockSubject, reason: TextReference.nullable(), denyUntil: Instant }),
});
