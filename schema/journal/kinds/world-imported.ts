import { z } from "zod";
import { entryKind, Key } from "../kind.ts";

/** Persons that an entry names before it says "the whole tenant" instead: a batch of the journal. */
export const IMPORT_PERSONS_NAMED_MAX = 512;

/**
 * A world file was imported: everything it changed, switched by this one entry. Readers of rights and places reload.
 * `persons` are those who came, left, or changed department, provider, profession, roles or name: their sessions find
 * their rights anew. Absent (also in entries of older hubs): everybody's in the tenant do.
 */
export const worldImported = entryKind({
  kind: "world.imported",
  version: 1,
  effect: "revokes",
  data: z.strictObject({
    operation: z.uuid(),
    digest: z.string(),
    counts: z.record(z.string(), z.int().min(0)),
    persons: z.array(Key).max(IMPORT_PERSONS_NAMED_MAX).optional(),
  }),
});
