import { z } from "zod";
import { Generation, Identifier, Instant, MessageVersion } from "../identifier.ts";
import { DENY_ENTRIES_MAX } from "../limits.ts";

/** One denied credential: refused at this generation and below until `until` has passed on trusted time. */
export const DenyEntry = z.strictObject({ cred: Identifier, gen: Generation, until: Instant });
/** See {@link DenyEntry}. */
export type DenyEntry = z.infer<typeof DenyEntry>;

/**
 * `deny`: hub → every lock of a tenant, QoS 1, retained, signed with the command key. A lock merges every valid
 * document it sees (highest generation, latest `until`) and stores the merge before it reports it by `holds`.
 */
export const DenyMessage = z.strictObject({
  v: MessageVersion,
  tenant: Identifier,
  version: z
    .int()
    .min(0)
    .describe("Journal revision up to which every block is in it; for proof and repair, not for order."),
  iat: Instant,
  entries: z.array(DenyEntry).max(DENY_ENTRIES_MAX),
});
/** See {@link DenyMessage}. */
export type DenyMessage = z.infer<typeof DenyMessage>;

/** The text whose SHA-256 is the digest of a merged deny list: one `cred:gen:until` line each, sorted by credential. */
export function denyDigestText(entries: readonly DenyEntry[]): string {
  return entries
    .map((entry) => `${entry.cred}:${entry.gen}:${entry.until}\n`)
    .toSorted()
    .join("");
}
