import { z } from "zod";
import { Generation, Instant } from "../../mqtt/identifier.ts";
import { entryKind, Key } from "../kind.ts";

/** A phone, tablet or smartkey became a person's credential. */
export const credentialEnrolled = entryKind({
  kind: "credential.enrolled",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    credential: Key,
    person: Key,
    form: z.enum(["phone", "tablet", "smartkey"]),
    generation: Generation,
    validFrom: Instant,
    validUntil: Instant.nullable(),
  }),
});
