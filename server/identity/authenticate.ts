import type { Authenticate, AuthenticationFailure, Presented } from "../graphql/authentication.ts";
import type { Clock } from "../kernel/clock.ts";
import { digestOfSecret } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { networkOf } from "../kernel/network.ts";
import { ALLOWANCES } from "./allowances.ts";
import { tokenFromCookie } from "./cookie.ts";
import { checkRequestProof } from "./device-proof.ts";
import type { FoundCaller, Lookup } from "./find-caller.ts";
import type { AnonymousPrincipal, Principal } from "./principal.ts";
import type { SecretKind, SessionIndex } from "./session-index.ts";
import { claimsToBeToken, isTokenText } from "./token-text.ts";
import type { TokenUse } from "./token-use.ts";

/** What authentication needs. */
export interface AuthenticateDeps {
  readonly sessions: SessionIndex;
  readonly tokenUse: TokenUse;
  readonly clock: Clock;
}

const NEVER = new AbortController().signal;
const BEARER = /^Bearer ([A-Za-z0-9_-]{20,100})$/i;

type Outcome = Result<Principal, AuthenticationFailure>;

const UNAUTHENTICATED = fail({ code: "UNAUTHENTICATED", message: "these credentials are not known here" });
const EXPIRED = fail({ code: "SESSION_EXPIRED", message: "this session or token has ended; sign in again" });
const PROOF_MISSING = fail({ code: "PROOF_INVALID", message: "a phone proves each request with its device key" });

/**
 * Makes the function that finds out who asks: `Authorization: Bearer` with a phone's session (and the header
 * `portner-proof`) or with an API token, else the dashboard's cookie, else nobody. A header that is there and wrong is a
 * failure, never nobody; an old cookie is nobody, so that its owner can sign in again.
 */
export function createAuthenticate(deps: AuthenticateDeps): Authenticate<Principal> {
  return async (presented) => {
    const authorization = presented.header("authorization");
    if (authorization !== undefined) return byBearer(deps, authorization, presented);
    const cookie = tokenFromCookie(presented.header("cookie"), presented.secure);
    if (cookie === undefined) return ok(nobody(presented));
    const found = await find(deps, { kind: "session", secret: cookie, presented });
    if (found === "not now") return UNAUTHENTICATED;
    const isDashboard = isCaller(found) && found.principal.kind === "dashboard";
    return ok(isDashboard ? found.principal : { ...nobody(presented), stranger: true });
  };
}

async function byBearer(deps: AuthenticateDeps, authorization: string, presented: Presented): Promise<Outcome> {
  const secret = BEARER.exec(authorization)?.[1];
  if (secret === undefined) return UNAUTHENTICATED;
  if (claimsToBeToken(secret)) return byToken(deps, secret, presented);
  const found = await find(deps, { kind: "session", secret, presented });
  if (!isCaller(found)) return found === "expired" ? EXPIRED : UNAUTHENTICATED;
  // A dashboard's session counts only in its cookie, where no script can read it.
  if (found.key === undefined) return UNAUTHENTICATED;
  const proof = presented.header("portner-proof");
  if (proof === undefined) return PROOF_MISSING;
  const now = deps.clock.now();
  const proven = checkRequestProof(proof, { key: found.key, token: secret, body: presented.body, now });
  return proven.ok ? ok(found.principal) : fail(proofFailure(proven.failure, now));
}

async function byToken(deps: AuthenticateDeps, secret: string, presented: Presented): Promise<Outcome> {
  if (!isTokenText(secret)) return UNAUTHENTICATED;
  const found = await find(deps, { kind: "token", secret, presented });
  if (!isCaller(found)) return found === "expired" ? EXPIRED : UNAUTHENTICATED;
  if (found.principal.kind === "token") deps.tokenUse.note(found.principal.token);
  return ok(found.principal);
}

/** `not now`: it would have to be looked up, and that much is not done for its network. */
async function find(
  { sessions }: AuthenticateDeps,
  { kind, secret, presented }: { readonly kind: SecretKind; readonly secret: string; readonly presented: Presented },
): Promise<Lookup | "not now"> {
  const digest = digestOfSecret(secret);
  if (presented.rememberedOnly === true && !sessions.remembers(kind, digest)) return "not now";
  return sessions.find(kind, digest);
}

function isCaller(found: Lookup | "not now"): found is FoundCaller {
  return typeof found !== "string";
}

/** How a proof's failure reads; the hub's time is no secret, and a phone whose clock is off needs it. */
export function proofFailure(code: "PROOF_INVALID" | "PROOF_TIME", now: number): AuthenticationFailure {
  if (code === "PROOF_INVALID") return { code, message: "the device's proof does not fit this request" };
  return { code, message: `the device's clock is off; it is ${new Date(now).toISOString()} here` };
}

function nobody({ address }: Presented): AnonymousPrincipal {
  const key = `address ${networkOf(address)}`;
  return { kind: "anonymous", key, allowance: ALLOWANCES.address, anonymous: true, ambient: false, ended: NEVER };
}
