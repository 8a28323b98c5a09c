import { fail, type Result } from "../kernel/result.ts";
import { parseGlobalId } from "../graphql/scalars.ts";
import { checkRenewalProof, credentialOfRenewal, deviceKey, type ProofFailure } from "./device-proof.ts";
import { openPhoneSession, type OpenedSession, type SessionDeps, type SessionRefused } from "./open-session.ts";
import { credentialByPublicId } from "./store/callers.ts";

/** Why a phone got no new session. An unknown credential reads as a wrong proof. */
export type RenewalFailure = SessionRefused | { readonly code: ProofFailure };

/**
 * A new session for a phone that proves its device key, whatever became of its old one. A proof is good for one session,
 * on whichever hub, and a copied one gives nobody anything: each request of the session must be proven by the same key.
 */
export async function renewByProof(deps: SessionDeps, proof: string): Promise<Result<OpenedSession, RenewalFailure>> {
  const publicId = credentialPublicId(proof);
  const credential = publicId === undefined ? undefined : await credentialByPublicId(deps.database.tables, publicId);
  if (credential === undefined) return fail({ code: "PROOF_INVALID" });
  const proven = checkRenewalProof(proof, deviceKey(credential.publicKey), deps.clock.now());
  return proven.ok ? openPhoneSession(deps, credential.id, proven.value) : fail({ code: proven.failure });
}

function credentialPublicId(proof: string): string | undefined {
  const named = credentialOfRenewal(proof);
  if (named === undefined) return undefined;
  try {
    const { typename, id } = parseGlobalId(named);
    return typename === "Credential" ? id : undefined;
  } catch {
    return undefined;
  }
}
