import { z } from "zod";
import { entryKind } from "../kind.ts";

/** A world file was imported: everything it changed, switched by this one entry. Readers reload. */
export const worldImported = entryKind({
  kind: "world.imported",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ operation: z.uuid(), digest: z.string(), counts: z.record(z.string(), z.int().min(0)) }),
});
