import { z } from "zod";
import { Role } from "../../people/roles.ts";
import { entryKind, Key } from "../kind.ts";

/** An account was made or changed: its whole new state. Raises the revocation number, for it may have lost a role. */
export const accountChanged = entryKind({
  kind: "account.changed",
  version: 1,
  effect: "revokes",
  data: z.strictObject({
    account: Key,
    active: z.boolean(),
    roles: z.array(z.strictObject({ role: Role, department: Key.nullable(), provider: Key.nullable() })).max(20),
  }),
});
