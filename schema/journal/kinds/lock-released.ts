import { z } from "zod";
import { entryKind, Key, TextReference } from "../kind.ts";

/** A quarantine was ended by a person. */
export const lockReleased = entryKind({
  kind: "lock.released",
  version: 1,
  effect: "allows",
  data: z.strictObject({ lock: Key, unit: Key, reason: TextReference.nullable() }),
});
