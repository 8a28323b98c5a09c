import { GraphQLError, type GraphQLErrorOptions } from "graphql";
import { isUnavailable } from "../kernel/database.ts";
import { JournalUnavailableError, PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import type { Log } from "../kernel/log.ts";
import type { Random } from "../kernel/random.ts";

/**
 * A failure that the caller may see. A mutation with `errors: {}` returns it as a member of its payload union; anywhere
 * else it becomes a GraphQL error with the same `code` and `path` in its extensions. Messages never hold personal data.
 */
export abstract class UserError extends PortnerError {
  /** The input at fault, outermost name first; empty where no single input is. */
  readonly inputPath: readonly string[];

  constructor(code: string, message: string, inputPath: readonly string[] = []) {
    super(code, message);
    this.inputPath = inputPath;
  }
}

/** No such thing, or not for this caller: the two read alike, so that nothing leaks over a tenant's border. */
export class NotFoundError extends UserError {
  override readonly name = "NotFoundError";

  constructor(message = "no such thing in your reach", inputPath: readonly string[] = []) {
    super("NOT_FOUND", message, inputPath);
  }
}

/** The caller is known and may not do this; `UNAUTHENTICATED` where nobody is signed in. */
export class ForbiddenError extends UserError {
  override readonly name = "ForbiddenError";

  constructor(
    code: "FORBIDDEN" | "UNAUTHENTICATED" | "SESSION_EXPIRED" | (string & {}) = "FORBIDDEN",
    message = "not allowed",
  ) {
    super(code, message);
  }
}

/** Input that can't be worked with; `inputPath` names it. */
export class InvalidInputError extends UserError {
  override readonly name = "InvalidInputError";

  constructor(message: string, inputPath: readonly string[] = [], code = "INVALID_INPUT") {
    super(code, message, inputPath);
  }
}

/** The world has moved on, or the same idempotency key came with another body. */
export class ConflictError extends UserError {
  override readonly name = "ConflictError";

  constructor(message: string, code = "CONFLICT", inputPath: readonly string[] = []) {
    super(code, message, inputPath);
  }
}

/** The lock can't be reached now; nothing was queued. */
export class LockUnreachableError extends UserError {
  override readonly name = "LockUnreachableError";

  constructor(message = "the lock can't be reached; nothing was sent") {
    super("LOCK_OFFLINE", message);
  }
}

/** Errors that every payload union holds; a mutation names its further ones in `errors: { types: […] }`. */
export const COMMON_ERRORS = [NotFoundError, ForbiddenError, InvalidInputError, ConflictError, JournalUnavailableError];

/** Makes the errors that leave the hub. Built once; the masked ones are logged under the id that the caller gets. */
export function createMask(deps: { readonly log: Log; readonly random: Random }): (error: unknown) => GraphQLError {
  return (error) => {
    if (!(error instanceof GraphQLError)) return present(error, undefined, deps);
    const cause = deepest(error);
    // Without a cause it is graphql-js's own finding about the request (syntax, validation, variables), or a limit's.
    return cause === undefined ? error : present(cause, error, deps);
  };
}

function deepest(error: GraphQLError): Error | undefined {
  let cause = error.originalError;
  while (cause instanceof GraphQLError) cause = cause.originalError;
  return cause ?? undefined;
}

function present(
  cause: unknown,
  outer: GraphQLError | undefined,
  deps: { readonly log: Log; readonly random: Random },
): GraphQLError {
  const place = placeOf(outer);
  if (cause instanceof UserError) {
    const extensions = { code: cause.code, inputPath: cause.inputPath };
    return new GraphQLError(cause.message, { ...place, extensions });
  }
  if (isUnavailable(cause)) {
    const extensions = { code: "JOURNAL_UNAVAILABLE", http: { status: 503 } };
    return new GraphQLError("the journal is away; nothing was done", { ...place, extensions });
  }
  const id = newId(deps.random);
  deps.log.error({ id, err: describe(cause), path: outer?.path }, "a request failed");
  return new GraphQLError("something went wrong in the hub", { ...place, extensions: { code: "INTERNAL", id } });
}

function placeOf(outer: GraphQLError | undefined): GraphQLErrorOptions {
  return {
    nodes: outer?.nodes ?? null,
    source: outer?.source ?? null,
    positions: outer?.positions ?? null,
    path: outer?.path ?? null,
  };
}

// Only class, code and stack: a message of Postgres may quote rows.
function describe(cause: unknown): object {
  if (!(cause instanceof Error)) return { type: typeof cause };
  const code = "code" in cause ? cause.code : undefined;
  const frames = cause.stack?.split("\n").filter((line) => line.startsWith("    at "));
  return { type: cause.name, code, stack: frames?.slice(0, 8) };
}
