import type { Revision } from "@portner/schema/journal";
import { ConflictError, ForbiddenError, InvalidInputError, type UserError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
import type { LockRights } from "../lock-rights.ts";
import { viewOf, type LockSources, type LockView } from "../lock-view.ts";
import {
  RELEASE_REASON_CHARACTERS_MAX,
  releaseQuarantine,
  type ReleaseDeps,
  type ReleaseFailure,
} from "../release-quarantine.ts";
import { requestAbout } from "./asked-lock.ts";
import type { LockRef } from "./refs.ts";

/** What releasing over the API stands on. */
export interface ReleaseGraphqlDeps extends LockSources {
  readonly rights: LockRights;
  readonly units: ReleaseDeps;
}

/** Adds `releaseQuarantine`, for whoever may unblock there: what stops doors is given widely, what lifts it narrowly. */
export function addRelease(builder: PortnerBuilder, deps: ReleaseGraphqlDeps, LockRef: LockRef): void {
  const InputRef = builder.inputType("ReleaseQuarantineInput", {
    fields: (t) => ({
      lock: t.id({ required: true }),
      reason: t.string({
        required: true,
        description: `What was found when the lock was looked at; at most ${RELEASE_REASON_CHARACTERS_MAX} characters.`,
      }),
      idempotencyKey: t.string({ required: true, description: "8–64 of A–Z a–z 0–9 _ -; one a press." }),
    }),
  });
  const SuccessRef = builder
    .objectRef<{ readonly lock: LockView; readonly revision: Revision }>("ReleaseQuarantineSuccess")
    .implement({
      ...INHERITS_RULE,
      fields: (t) => ({
        lock: t.field({ type: LockRef, resolve: ({ lock }) => lock }),
        revision: t.field({
          type: "Cursor",
          description: "Where it stands in the journal.",
          resolve: ({ revision }) => revision,
        }),
      }),
    });
  builder.mutationField("releaseQuarantine", (t) =>
    t.field({
      type: SuccessRef,
      description:
        "Ends a lock's quarantine, with a reason. A unit that still sends what no sound lock sends is quarantined anew at " +
        "its next word.",
      authScopes: { may: "unblock" },
      args: { input: t.arg({ type: InputRef, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { principal }) => {
        const { place, request } = requestAbout(deps.directory, principal, input, (at) =>
          deps.rights.leaveToUnblock(principal, at),
        );
        const done = await releaseQuarantine(deps.units, {
          ...request,
          reason: input.reason,
          stillMay: () => !principal.ended.aborted,
        });
        if (!done.ok) throw errorOf(done.failure);
        return { lock: viewOf(deps, place), revision: done.value.revision };
      },
    }),
  );
}

function errorOf(failure: ReleaseFailure): UserError {
  switch (failure.code) {
    case "NOT_QUARANTINED":
      return new ConflictError("this lock is not quarantined", failure.code, ["input", "lock"]);
    case "SESSION_ENDED":
      return new ForbiddenError("SESSION_EXPIRED", "this session has ended; nothing was released");
    case "OVERTAKEN":
      return new ConflictError("rights were taken away meanwhile; look again", failure.code);
    case "KEY_REUSED":
      return new ConflictError("this idempotency key came with another request before", "IDEMPOTENCY_KEY_REUSED", [
        "input",
        "idempotencyKey",
      ]);
    case "REASON_MISSING":
    case "REASON_TOO_LONG":
      return new InvalidInputError("a reason is needed, of bounded length", ["input", "reason"], failure.code);
  }
}
