import { z } from "zod";

/** What a block stands on. The cascade (organisation → person → credential; bundle) is evaluated, never copied. */
export const BlockSubject = z.strictObject({
  type: z.enum(["credential", "person", "department", "provider", "bundle"]),
  id: z.int().min(1),
});
/** See {@link BlockSubject}. */
export type BlockSubject = z.infer<typeof BlockSubject>;
