import type { Scope } from "@portner/schema/people";
import { append, newEntry } from "../journal/index.ts";
import type { Instant } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { digestOfSecret, newId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import type { SessionDeps } from "./open-session.ts";
import { insertToken, markRevoked } from "./store/accounts.ts";
import { newTokenText } from "./token-text.ts";

/** A token is replaced at least once a year; shorter is better. */
export const TOKEN_LIFE_MS_MAX = 366 * 24 * 3_600_000;

/** A token that its integrator can use; the text is nowhere else. */
export interface MadeToken {
  readonly publicId: string;
  readonly text: string;
  readonly expiresAt: Instant;
}

/** Why a token could not be made. */
export interface TokenFailure {
  readonly code: "NAME_INVALID" | "SCOPES_INVALID" | "LIFE_INVALID";
}

/** Makes an integrator's token. Whoever calls has authorised it; until approvals exist that is the command line. */
export async function createToken(
  deps: SessionDeps,
  input: { readonly tenant: number; readonly name: string; readonly scopes: readonly Scope[]; readonly lifeMs: number },
): Promise<Result<MadeToken, TokenFailure>> {
  const { tenant, name, lifeMs } = input;
  const scopes = [...new Set(input.scopes)];
  if (!/^[^\p{Cc}]{1,100}$/u.test(name)) return fail({ code: "NAME_INVALID" });
  if (scopes.length === 0) return fail({ code: "SCOPES_INVALID" });
  if (!(lifeMs > 0 && lifeMs <= TOKEN_LIFE_MS_MAX)) return fail({ code: "LIFE_INVALID" });
  const now = deps.clock.now();
  const text = newTokenText(deps.random);
  const publicId = newId(deps.random);
  const expiresAt = now + lifeMs;
  const done = await append(deps, async (tables) => {
    const times = { createdAt: new Date(now), expiresAt: new Date(expiresAt) };
    const made = await insertToken(tables, { publicId, tenant, name, scopes, digest: digestOfSecret(text), ...times });
    if (made === undefined) throw new InvariantError("an inserted token has no row");
    const data = { token: made.id, scopes, expiresAt };
    const entry = newEntry("token.created", { entryId: newId(deps.random), occurredAt: now, tenant, data });
    return { entries: [entry], value: undefined };
  });
  if (done.outcome !== "appended") throw new InvariantError(`a new token can't be \`${done.outcome}\``);
  return ok({ publicId, text, expiresAt });
}

/** Takes a token back, from its commit on every hub. Answers whether there was one to take back. */
export async function revokeToken(
  deps: SessionDeps,
  input: { readonly tenant: number; readonly publicId: string; readonly actor?: number | undefined },
): Promise<boolean> {
  const now = deps.clock.now();
  const { tenant, publicId, actor } = input;
  const done = await append<undefined, "NOT_FOUND">(deps, async (tables) => {
    const token = await markRevoked(tables, tenant, publicId, new Date(now));
    if (token === undefined) return { refused: "NOT_FOUND" };
    const entryId = newId(deps.random);
    const data = { token: token.id };
    return {
      entries: [newEntry("token.revoked", { entryId, occurredAt: now, tenant, actor, data })],
      value: undefined,
    };
  });
  return done.outcome === "appended";
}
