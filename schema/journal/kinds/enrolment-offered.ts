import { z } from "zod";
import { Instant } from "../../mqtt/identifier.ts";
import { entryKind, Key } from "../kind.ts";

/** A one-time code for a phone's enrolment was issued. */
export const enrolmentOffered = entryKind({
  kind: "enrolment.offered",
  version: 1,
  effect: "allows",
  data: z.strictObject({ person: Key, expiresAt: Instant }),
});
