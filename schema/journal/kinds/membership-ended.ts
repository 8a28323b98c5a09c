import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** A membership ended. */
export const membershipEnded = entryKind({
  kind: "membership.ended",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ membership: Key, person: Key, bundle: Key }),
});
