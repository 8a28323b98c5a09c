import { z } from "zod";

/** A GraphQL operation: its document, and what its answer must look like. */
export interface Operation<Answer> {
  readonly document: string;
  readonly answer: z.ZodType<Answer>;
}

/** A failure that the API names in a payload's union. */
const Refusal = z.object({ errorCode: z.string(), message: z.string() });

/** What a mutation gives: its success, or a named failure. */
export type Payload<Success> = Success | z.infer<typeof Refusal>;

const ON_ERROR = "... on UserError { errorCode: code message }";

/** A coordinator offers an employee a one-time code to enrol a phone with. */
export const ISSUE_ENROLMENT_CODE: Operation<{ issueEnrolmentCode: Payload<{ code: string }> }> = {
  document: `mutation IssueEnrolmentCode($input: IssueEnrolmentCodeInput!) {
    issueEnrolmentCode(input: $input) { ... on IssueEnrolmentCodeSuccess { code } ${ON_ERROR} }
  }`,
  answer: z.object({ issueEnrolmentCode: z.union([z.object({ code: z.string() }), Refusal]) }),
};

const Session = z.object({ token: z.string(), expiresAt: z.string() });

/** A phone shows the code and its public key and becomes a credential with a session. */
export const ENROL_PHONE: Operation<{
  enrolPhone: Payload<z.infer<typeof Session> & { credentialId: string }>;
}> = {
  document: `mutation EnrolPhone($input: EnrolPhoneInput!) {
    enrolPhone(input: $input) { ... on EnrolPhoneSuccess { token expiresAt credentialId } ${ON_ERROR} }
  }`,
  answer: z.object({
    enrolPhone: z.union([Session.extend({ credentialId: z.string() }), Refusal]),
  }),
};

/** A phone with a session that still holds asks for the next one. */
export const RENEW_PHONE_SESSION: Operation<{ renewPhoneSession: Payload<z.infer<typeof Session>> }> = {
  document: `mutation RenewPhoneSession {
    renewPhoneSession { ... on RenewPhoneSessionSuccess { token expiresAt } ${ON_ERROR} }
  }`,
  answer: z.object({ renewPhoneSession: z.union([Session, Refusal]) }),
};

const OpenablePath = z.object({
  id: z.string(),
  doors: z.array(z.object({ kind: z.string(), lock: z.object({ id: z.string() }).nullable() })),
});
/** A path that the phone's holder may open: its doors street inwards, some without a lock. */
export type OpenablePath = z.infer<typeof OpenablePath>;

const PathsPage = z.object({
  myPaths: z.object({
    edges: z.array(z.object({ node: OpenablePath })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  }),
});
/** A page of {@link MY_PATHS}. */
export type PathsPage = z.infer<typeof PathsPage>;

/** A page of the paths that the phone's holder may open. */
export const MY_PATHS: Operation<PathsPage> = {
  document: `query MyPaths($first: Int!, $after: String) {
    myPaths(first: $first, after: $after) {
      edges { node { id doors { kind lock { id } } } }
      pageInfo { hasNextPage endCursor }
    }
  }`,
  answer: PathsPage,
};

/** Which door or path a person wants open: exactly one of the two. */
export type OpenTarget = { readonly path: string } | { readonly lock: string };

/** Opens a door, or a path door by door; waits for the outcome for `waitMs` at most. */
export const OPEN_DOOR: Operation<{ openDoor: Payload<{ state: string }> }> = {
  document: `mutation OpenDoor($input: OpenDoorInput!) {
    openDoor(input: $input) { ... on OpenDoorSuccess { state } ${ON_ERROR} }
  }`,
  answer: z.object({ openDoor: z.union([z.object({ state: z.string() }), Refusal]) }),
};
