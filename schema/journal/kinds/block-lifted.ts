import { z } from "zod";
import { BlockSubject } from "../../access/subject.ts";
import { Generation } from "../../mqtt/identifier.ts";
import { entryKind, Key, TextReference } from "../kind.ts";

/** Blocks were lifted, each named. */
export const blockLifted = entryKind({
  kind: "block.lifted",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    blocks: z.array(Key).min(1).max(100),
    subject: BlockSubject,
    generation: Generation.nullable(),
    reason: TextReference.nullable(),
  }),
});
