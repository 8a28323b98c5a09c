/**
 * A broken assumption or a dependency that is away: what is thrown, as opposed to returned.
 * Messages are lowercase and quote input in backticks; `code` is stable and safe to show.
 */
export class PortnerError extends Error {
  override readonly name: string = "PortnerError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Thrown where the code itself must be wrong; never caused by input. */
export class InvariantError extends PortnerError {
  override readonly name = "InvariantError";

  constructor(message: string, options?: ErrorOptions) {
    super("INVARIANT", message, options);
  }
}

/** The journal (Postgres) can't be reached or did not answer in time. Nothing opens and nothing is acknowledged. */
export class JournalUnavailableError extends PortnerError {
  override readonly name = "JournalUnavailableError";

  constructor(message: string, options?: ErrorOptions) {
    super("JOURNAL_UNAVAILABLE", message, options);
  }
}

/** Makes the compiler find a forgotten case of a union. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected case \`${JSON.stringify(value)}\``);
}
