import { InvalidInputError } from "./errors.ts";
import { FIRST_DEFAULT, FIRST_MAX } from "./limits.ts";

/**
 * The `first` (or `last`) of a connection: 1–200, 50 where it is left out. Anything else is the caller's error, never cut
 * silently.
 */
export function pageSize(size: number | null | undefined, name: "first" | "last" = "first"): number {
  if (size === null || size === undefined) return FIRST_DEFAULT;
  if (size < 1 || size > FIRST_MAX) {
    throw new InvalidInputError(`\`${name}\` is 1 to ${FIRST_MAX}, not \`${size}\``, [name]);
  }
  return size;
}
