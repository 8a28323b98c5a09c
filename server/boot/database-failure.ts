import { isUnavailable, sqlState } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";

/** Postgres's state of a table or function that is not there. */
const NOT_MIGRATED: ReadonlySet<string | undefined> = new Set(["42P01", "42883"]);

/** Names what is wrong with a database, where that is known; any other error stays as it is. */
export function explained(error: unknown): unknown {
  if (error instanceof PortnerError && error.code === "SEAL_BROKEN") {
    const message = "PORTNER_KEY is not the key that this database was made with";
    return new PortnerError(error.code, message, { cause: error });
  }
  if (error instanceof PortnerError && error.code !== "JOURNAL_UNAVAILABLE") return error;
  if (isUnavailable(error)) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "no answer";
    return new PortnerError("DATABASE_AWAY", `the database can't be reached (${code})`, { cause: error });
  }
  if (NOT_MIGRATED.has(sqlState(error))) {
    return new PortnerError("NOT_MIGRATED", "the database has no tables of this version; run `portner migrate`", {
      cause: error,
    });
  }
  return error;
}
