/** Why the hub gave no answer that a page can show. `code` is the API's stable code where it gave one. */
export interface GraphqlFailure {
  readonly kind:
    /** The network or the hub is away. */
    | "unreachable"
    /** The hub is there, what it needs is not; nothing was done. */
    | "unavailable"
    /** Nobody is signed in, or not any more. */
    | "signed-out"
    /** Signed in, and not allowed. */
    | "forbidden"
    /** No such thing in the caller's reach. */
    | "not-found"
    /** The hub could not work with the input. */
    | "invalid"
    /** Too much was asked in a short time; nothing was done. */
    | "limited"
    /** Anything else. */
    | "broken";
  readonly code: string;
  /** For people, in English, as the API has it. */
  readonly message: string;
}

const KINDS: Readonly<Record<string, GraphqlFailure["kind"]>> = {
  UNAUTHENTICATED: "signed-out",
  SESSION_EXPIRED: "signed-out",
  FORBIDDEN: "forbidden",
  NOT_FOUND: "not-found",
  INVALID_INPUT: "invalid",
  BAD_USER_INPUT: "invalid",
  LIMIT_EXCEEDED: "invalid",
  TEXT_UNFIT: "invalid",
  TOO_COSTLY: "invalid",
  RATE_LIMITED: "limited",
  JOURNAL_UNAVAILABLE: "unavailable",
  TIMEOUT: "unavailable",
};

/** Sorts a code of the API. */
export function failureOf(code: string, message: string): GraphqlFailure {
  return { kind: KINDS[code] ?? "broken", code, message };
}

/** The network or the hub is away. */
export const UNREACHABLE: GraphqlFailure = {
  kind: "unreachable",
  code: "UNREACHABLE",
  message: "the hub does not answer",
};

const WITHOUT_AN_ANSWER = new Set(["UNREACHABLE", "BROKEN_ANSWER", "TIMEOUT", "INTERNAL"]);

/** Whether nobody here knows, after this code, if the hub did what it was asked: only an answer says that it didn't. */
export function isOutcomeUnknown(code: string): boolean {
  return WITHOUT_AN_ANSWER.has(code);
}
