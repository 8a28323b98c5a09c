import { z } from "zod";
import { Instant } from "../../mqtt/identifier.ts";
import { Scope } from "../../people/scopes.ts";
import { entryKind, Key } from "../kind.ts";

/** An integrator's token was made. */
export const tokenCreated = entryKind({
  kind: "token.created",
  version: 1,
  effect: "neutral",
  data: z.strictObject({ token: Key, scopes: z.array(Scope), expiresAt: Instant }),
});
