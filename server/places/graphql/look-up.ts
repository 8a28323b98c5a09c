import { ForbiddenError, InvalidInputError } from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import type { PortnerBuilder } from "../../identity/index.ts";
import { unreachable } from "../../kernel/errors.ts";
import {
  LOOK_UP_CHARACTERS_MIN,
  lookUpCitizen,
  PURPOSE_CHARACTERS_MAX,
  PURPOSE_CHARACTERS_MIN,
  type LookUpDeps,
  type LookUpFailure,
} from "../look-up-citizen.ts";
import { reachOf } from "../reach.ts";
import type { CitizenRow } from "../store/citizens.ts";

/** A citizen as a look-up shows it. */
interface Looked {
  readonly citizen: CitizenRow;
  readonly named: boolean;
}

/** Adds `lookUpCitizen`. It writes the look-up into the journal, so it is a mutation. */
export function addLookUpCitizen(
  builder: PortnerBuilder,
  { CitizenRef }: { readonly CitizenRef: ReturnType<typeof builder.objectRef<Looked>> },
  deps: LookUpDeps,
): void {
  const Success = builder.objectRef<{ citizens: Looked[]; callerId: string | null }>("LookUpCitizenSuccess");
  Success.implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      citizens: t.field({ type: [CitizenRef], resolve: ({ citizens }) => citizens }),
      callerId: t.string({
        nullable: true,
        description: "User id of whoever called, as the care system writes it.",
        resolve: (told) => told.callerId,
      }),
    }),
  });
  const Input = builder.inputType("LookUpCitizenInput", {
    fields: (t) => ({
      text: t.string({ required: true, description: "A part of the name or address, or the care system's id." }),
      purpose: t.string({
        required: true,
        description: `Why: ${PURPOSE_CHARACTERS_MIN}–${PURPOSE_CHARACTERS_MAX} characters.`,
      }),
      callerId: t.string({
        description: "User id of the active employee who called. The hotline looks nobody up without a call.",
      }),
    }),
  });
  builder.mutationField("lookUpCitizen", (t) =>
    t.field({
      type: Success,
      description: "Looks citizens up by name or address. Who looked, at whom and why is recorded before it answers.",
      authScopes: { may: "lookUpCitizen" },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { principal }) => {
        if (principal.kind !== "dashboard") throw new ForbiddenError();
        const { districts, narrowing } = await reachOf(deps.database.tables, principal, "lookUpCitizen");
        if (districts?.length === 0) throw new ForbiddenError();
        const { text, purpose, callerId } = input;
        const { tenant, account: actor, person } = principal;
        const answersCall = principal.roles.some(({ role }) => role === "H");
        const found = await lookUpCitizen(deps, {
          ...{ tenant, text, purpose, callerId: callerId ?? undefined },
          ...{ actor, person, districts, answersCall },
        });
        if (!found.ok) throw lookUpError(found.failure);
        const named = narrowing !== "addressOnly";
        const { citizens, callerId: caller } = found.value;
        return { citizens: citizens.map((citizen) => ({ citizen, named })), callerId: caller };
      },
    }),
  );
}

function lookUpError({ code }: LookUpFailure): InvalidInputError {
  switch (code) {
    case "PURPOSE_MISSING":
      return new InvalidInputError("say in a few words why", ["purpose"], code);
    case "TEXT_INVALID":
      return new InvalidInputError(
        `at least ${LOOK_UP_CHARACTERS_MIN} characters of a name or address`,
        ["text"],
        code,
      );
    case "CALLER_MISSING":
      return new InvalidInputError("say who called", ["callerId"], code);
    case "CALLER_UNKNOWN":
      return new InvalidInputError("nobody who is active has this user id", ["callerId"], code);
    default:
      return unreachable(code);
  }
}
