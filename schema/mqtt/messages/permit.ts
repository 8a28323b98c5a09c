import { z } from "zod";
import { Generation, Identifier, Instant, MessageVersion, PublicKey } from "../identifier.ts";
import { PERMIT_GRANTS_MAX } from "../limits.ts";

const validity = { from: Instant, to: Instant };

/**
 * A permit: what a smartkey carries so that a lock without a network can let it in. Signed with the tenant's permit
 * key; valid 72 h at most. `cnf` is the smartkey's public key, which signs the lock's challenge, so a copied permit
 * opens nothing.
 */
export const PermitMessage = z.strictObject({
  v: MessageVersion,
  id: Identifier,
  tenant: Identifier,
  cred: Identifier,
  gen: Generation,
  cnf: PublicKey,
  grants: z
    .array(
      z.union([z.strictObject({ bundle: Identifier, ...validity }), z.strictObject({ path: Identifier, ...validity })]),
    )
    .min(1)
    .max(PERMIT_GRANTS_MAX)
    .describe("Half-open intervals: from ≤ now < to."),
  iat: Instant,
  exp: Instant,
});
/** See {@link PermitMessage}. */
export type PermitMessage = z.infer<typeof PermitMessage>;

/** What a smartkey signs at the door: bound to the lock, its challenge and the permit. */
export function permitProofText(unit: string, challenge: string, permit: string): string {
  return `permit.${unit}.${challenge}.${permit}`;
}
