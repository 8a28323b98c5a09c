import { append, newEntry } from "../../journal/index.ts";
import { InvariantError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { fail, ok, type Result } from "../../kernel/result.ts";
import type { BundleDeps } from "./grant-membership.ts";
import { holdMembership, setEnd } from "./store.ts";

/** Why a membership was not ended. */
export type EndFailure = { readonly code: "MEMBERSHIP_UNKNOWN" } | { readonly code: "MEMBERSHIP_OVER" };

/** Ends a membership now, on every hub from the commit on. One that was to begin later never begins. */
export async function endMembership(
  deps: BundleDeps,
  input: { readonly tenant: number; readonly membership: string; readonly actor?: number | undefined },
): Promise<Result<{ readonly sequence: number }, EndFailure>> {
  const { tenant, actor } = input;
  const done = await append<undefined, EndFailure>(deps, async (tables) => {
    const now = deps.clock.now();
    const standing = await holdMembership(tables, { tenant, publicId: input.membership });
    if (standing === undefined) return { refused: { code: "MEMBERSHIP_UNKNOWN" } };
    const { id, person, bundle, validFrom, validUntil } = standing;
    const until = new Date(Math.max(now, validFrom.getTime()));
    if (validUntil !== null && validUntil <= until) return { refused: { code: "MEMBERSHIP_OVER" } };
    await setEnd(tables, { id, until });
    const data = { membership: id, person, bundle };
    const entryId = newId(deps.random);
    const entry = newEntry("membership.ended", { entryId, occurredAt: now, tenant, person, actor, data });
    return { entries: [entry], value: undefined };
  });
  if (done.outcome === "appended") return ok({ sequence: done.sequence });
  if (done.outcome === "refused") return fail(done.failure);
  throw new InvariantError(`the end of a membership was \`${done.outcome}\``);
}
