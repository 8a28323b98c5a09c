import { z } from "zod";
import { Instant } from "../../mqtt/identifier.ts";
import { entryKind, Key, TextReference } from "../kind.ts";

/** A person became a member of a bundle: the right, whole. */
export const membershipGranted = entryKind({
  kind: "membership.granted",
  version: 1,
  effect: "allows",
  data: z.strictObject({
    membership: Key,
    person: Key,
    bundle: Key,
    validFrom: Instant,
    validUntil: Instant.nullable(),
    reason: TextReference.nullable(),
  }),
});
