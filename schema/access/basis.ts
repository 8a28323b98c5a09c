import { z } from "zod";

/** Why somebody may enter: the one right that carried an allowing decision. */
export const Basis = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("bundle"), membership: z.int().min(1), bundle: z.int().min(1) }),
  z.strictObject({ type: z.literal("remote"), policy: z.enum(["onePerson", "twoPersons"]) }),
]);
/** See {@link Basis}. */
export type Basis = z.infer<typeof Basis>;
