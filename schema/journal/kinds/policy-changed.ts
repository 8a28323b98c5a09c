import { z } from "zod";
import { Role } from "../../people/roles.ts";
import { entryKind } from "../kind.ts";

/** A cell of the tenant's permission matrix was set; null puts the default back. */
export const policyChanged = entryKind({
  kind: "policy.changed",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ operation: z.string().max(64), role: Role, rule: z.string().max(64).nullable() }),
});
