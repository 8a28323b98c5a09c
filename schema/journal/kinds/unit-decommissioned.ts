import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** A lock unit was taken out of service. */
export const unitDecommissioned = entryKind({
  kind: "unit.decommissioned",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ lock: Key, unit: Key }),
});
