import { z } from "zod";

/**
 * What an entry does to rights. `revokes` takes a right away and raises the head's revocation number; `allows` lets
 * somebody in or widens a right and is refused under the head's lock when it was decided before the newest revocation.
 */
export type Effect = "revokes" | "allows" | "neutral";

/** A kind of journal entry: its name, version, effect on rights, and the shape of its data. */
export interface EntryKind<Name extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly kind: Name;
  /** Rises when the data's shape changes; readers keep understanding every version that was ever written. */
  readonly version: number;
  readonly effect: Effect;
  readonly data: Data;
}

/** Declares a kind; keeps its literal name and data type. */
export function entryKind<const Name extends string, Data extends z.ZodType>(
  definition: EntryKind<Name, Data>,
): EntryKind<Name, Data> {
  return definition;
}

/** A hub's internal integer key of a row; never shown outside. */
export const Key = z.int().min(1);

/** Free text stands in an erasable table; the entry keeps its id and a salted SHA-256, so erasing leaves the chain whole. */
export const TextReference = z.strictObject({ id: z.uuid(), digest: z.string().regex(/^[0-9a-f]{64}$/) });
/** See {@link TextReference}. */
export type TextReference = z.infer<typeof TextReference>;
