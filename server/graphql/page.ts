import { InvalidInputError } from "./errors.ts";
import { FIRST_DEFAULT, FIRST_MAX } from "./limits.ts";

/** The `first` of a connection: 1–200, 50 where it is left out. Anything else is the caller's error, never cut silently. */
export function pageSize(first: number | null | undefined): number {
  if (first === null || first === undefined) return FIRST_DEFAULT;
  if (first < 1 || first > FIRST_MAX) {
    throw new InvalidInputError(`\`first\` is 1 to ${FIRST_MAX}, not \`${first}\``, ["first"]);
  }
  return first;
}
