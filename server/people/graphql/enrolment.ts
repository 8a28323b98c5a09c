import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  type UserError,
} from "../../graphql/errors.ts";
import { INHERITS_RULE } from "../../graphql/rules.ts";
import { globalIdText } from "../../graphql/scalars.ts";
import { openPhoneSession, type PortnerBuilder } from "../../identity/index.ts";
import type { Instant } from "../../kernel/clock.ts";
import { unreachable } from "../../kernel/errors.ts";
import { enrolPhone, type EnrolDeps, type EnrolFailure } from "../enrol-phone.ts";
import { issueEnrolmentCode, type IssueDeps, type IssueFailure } from "../issue-enrolment-code.ts";
import type { CredentialRow } from "../store/credentials.ts";
import { personByExternalId } from "../store/persons.ts";
import { mayOn } from "./reach.ts";

/** Adds `issueEnrolmentCode`, for coordinators. */
export function addIssueEnrolmentCode(builder: PortnerBuilder, deps: IssueDeps): void {
  const Success = builder.objectRef<{ code: string; expiresAt: Instant }>("IssueEnrolmentCodeSuccess");
  Success.implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      code: t.exposeString("code", { description: "Shown once; typed into the phone." }),
      expiresAt: t.expose("expiresAt", { type: "DateTime" }),
    }),
  });
  const Input = builder.inputType("IssueEnrolmentCodeInput", {
    fields: (t) => ({ employee: t.string({ required: true, description: "The care system's user id." }) }),
  });
  builder.mutationField("issueEnrolmentCode", (t) =>
    t.field({
      type: Success,
      description: "Issues a one-time code with which an employee enrols a phone.",
      authScopes: { may: "assignDevice" },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_root, { input: { employee } }, { principal }) => {
        if (principal.kind === "anonymous") throw new ForbiddenError("UNAUTHENTICATED", "sign in first");
        const { tenant } = principal;
        const person = await personByExternalId(deps.database.tables, { tenant, externalId: employee });
        if (person === undefined || !mayOn(principal, "assignDevice", person)) {
          throw new NotFoundError("no such employee in your reach", ["employee"]);
        }
        const actor = principal.kind === "dashboard" ? principal.account : undefined;
        const stillMay = (): boolean => !principal.ended.aborted;
        const issued = await issueEnrolmentCode(deps, { tenant, employee, actor, stillMay });
        if (issued.ok) return issued.value;
        throw issueFailure(issued.failure);
      },
    }),
  );
}

function issueFailure({ code }: IssueFailure): UserError {
  switch (code) {
    case "PERSON_UNKNOWN":
      return new NotFoundError(undefined, ["employee"]);
    case "PERSON_INACTIVE":
      return new ConflictError("the employee is not active", code, ["employee"]);
    case "SESSION_ENDED":
      return new ForbiddenError("SESSION_EXPIRED", "this session has ended; no code was issued");
    case "OVERTAKEN":
      return new ConflictError("rights were taken away meanwhile; look again", code);
  }
}

/** Adds `enrolPhone`, for phones that nobody knows yet. */
export function addEnrolPhone(builder: PortnerBuilder, deps: EnrolDeps): void {
  const Success = builder.objectRef<{ token: string; credential: CredentialRow; expiresAt: Instant }>(
    "EnrolPhoneSuccess",
  );
  Success.implement({
    ...INHERITS_RULE,
    fields: (t) => ({
      token: t.exposeString("token", { description: "The phone's first session; good only with proofs of its key." }),
      credentialId: t.id({ resolve: ({ credential }) => globalIdText("Credential", credential.publicId) }),
      expiresAt: t.expose("expiresAt", { type: "DateTime" }),
    }),
  });
  const Input = builder.inputType("EnrolPhoneInput", {
    fields: (t) => ({
      code: t.string({ required: true }),
      publicKey: t.string({ required: true, description: "Ed25519: 32 raw bytes, base64url without padding." }),
      model: t.string({ required: true, description: "Model of the phone, 1–64 characters." }),
    }),
  });
  builder.mutationField("enrolPhone", (t) =>
    t.field({
      type: Success,
      description: "Makes this phone a credential of the employee whom the code was issued to.",
      authScopes: { open: true },
      args: { input: t.arg({ type: Input, required: true }) },
      errors: {},
      resolve: async (_root, { input }, { principal }) => {
        const enrolled = await enrolPhone(deps, { ...input, address: principal.key });
        if (!enrolled.ok) throw enrolError(enrolled.failure);
        const opened = await openPhoneSession(deps, enrolled.value.id);
        if (!opened.ok) throw new ForbiddenError(opened.failure.code, "enrolled, but the employee is blocked");
        return { ...opened.value, credential: enrolled.value };
      },
    }),
  );
}

function enrolError(failure: EnrolFailure) {
  switch (failure.code) {
    case "CODE_UNKNOWN":
      return new InvalidInputError("no such code", ["code"], failure.code);
    case "CODE_EXPIRED":
      return new ConflictError("the code is too old; ask for a new one", failure.code, ["code"]);
    case "CODE_USED":
      return new ConflictError("the code was used; ask for a new one", failure.code, ["code"]);
    case "PERSON_INACTIVE":
      return new ConflictError("the employee is not active", failure.code, ["code"]);
    case "KEY_IN_USE":
      return new ConflictError("this key is enrolled already; make a new one", failure.code, ["publicKey"]);
    case "KEY_INVALID":
      return new InvalidInputError("an Ed25519 public key: 32 bytes, base64url", ["publicKey"], failure.code);
    case "MODEL_INVALID":
      return new InvalidInputError("1 to 64 printable characters", ["model"], failure.code);
    case "TOO_MANY_TRIES":
      return new ForbiddenError(
        failure.code,
        `too many wrong codes; wait ${Math.ceil(failure.retryAfterMs / 1_000)} s`,
      );
    default:
      return unreachable(failure);
  }
}
