import type { Revision } from "@portner/schema/journal";
import { ConflictError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { REVOCATIONS, type PortnerBuilder } from "../../identity/index.ts";
import { decommission, type DecommissionDeps, type DecommissionFailure } from "../decommission.ts";
import type { LockRights } from "../lock-rights.ts";
import { viewOf, type LockSources, type LockView } from "../lock-view.ts";
import { requestAbout } from "./asked-lock.ts";
import type { LockRef } from "./refs.ts";

/** What decommissioning over the API stands on. */
export interface DecommissioningDeps extends LockSources {
  readonly rights: LockRights;
  readonly units: DecommissionDeps;
}

interface Left {
  readonly lock: LockView;
  readonly claim: string;
  readonly revision: Revision;
}

/** Adds `decommissionLockUnit`, for whoever may commission there. */
export function addDecommissioning(builder: PortnerBuilder, deps: DecommissioningDeps, LockRef: LockRef): void {
  const InputRef = builder.inputType("DecommissionLockUnitInput", {
    fields: (t) => ({
      lock: t.id({ required: true }),
      idempotencyKey: t.string({ required: true, description: "8–64 of A–Z a–z 0–9 _ -; one a press." }),
    }),
  });
  const SuccessRef = builder.objectRef<Left>("DecommissionLockUnitSuccess").implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      lock: t.field({ type: LockRef, resolve: ({ lock }) => lock }),
      claim: t.exposeString("claim", { description: "The one-time claim of the unit that takes its place." }),
      revision: t.field({
        type: "Cursor",
        description: "Where it stands in the journal.",
        resolve: ({ revision }) => revision,
      }),
    }),
  });
  builder.mutationField("decommissionLockUnit", (t) =>
    t.field({
      type: SuccessRef,
      description:
        "Takes the unit in service from its door for ever: no hub commands it or believes it any more, and its secrets end. " +
        "Events that it had not handed over are lost.",
      authScopes: { may: "commissionUnit" },
      extensions: REVOCATIONS.extensions,
      args: { input: t.arg({ type: InputRef, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { principal }) => {
        const { place, request } = requestAbout(deps.directory, principal, input, (at) =>
          deps.rights.leaveToCommission(principal, at),
        );
        const done = await decommission(deps.units, request);
        if (!done.ok) throw errorOf(done.failure);
        return { ...done.value, lock: viewOf(deps, place) };
      },
    }),
  );
}

function errorOf({ code }: DecommissionFailure): ConflictError {
  switch (code) {
    case "NOT_IN_SERVICE":
      return new ConflictError("no unit is in service on this door", code, ["input", "lock"]);
    case "KEY_REUSED":
      return new ConflictError("this idempotency key came with another request before", "IDEMPOTENCY_KEY_REUSED", [
        "input",
        "idempotencyKey",
      ]);
  }
}
