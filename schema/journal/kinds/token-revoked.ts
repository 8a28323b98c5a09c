import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** An integrator's token was taken back. */
export const tokenRevoked = entryKind({
  kind: "token.revoked",
  version: 1,
  effect: "revokes",
  data: z.strictObject({ token: Key }),
});
