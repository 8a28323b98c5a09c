import type { Database, Tables } from "../kernel/database.ts";
import { InvariantError, JournalUnavailableError } from "../kernel/errors.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import { append, type Change } from "./append.ts";
import { readAfter } from "./read.ts";

/** Each try loses only to a revocation that committed in between; five in a row means that something storms. */
const TRIES_MAX = 5;

/**
 * Appends a change that allows something. `work` decides inside the transaction and marks its allowing entries with
 * `decidedAt`, the journal sequence that everything it reads is at least as new as. When a revocation came in between,
 * it decides anew. Rejects with JournalUnavailableError when Postgres is away or revocations never pause.
 */
export async function appendAllowing<Value, Failure>(
  deps: { readonly database: Database; readonly hub: string },
  work: (tables: Tables, decidedAt: number) => Promise<Change<Value> | { readonly refused: Failure }>,
): Promise<Result<Value, Failure>> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    // Read before anything is looked at: a revocation that commits later makes the decision stale.
    const { headSequence } = await readAfter(deps.database.raw, 0, 0);
    const done = await append<Value, Failure>(deps, (tables) => work(tables, headSequence));
    switch (done.outcome) {
      case "appended":
        return ok(done.value);
      case "refused":
        return fail(done.failure);
      case "repeated":
        throw new InvariantError("a new entry's id stood in the journal already");
      case "stale":
    }
  }
  throw new JournalUnavailableError("revocations came faster than a decision");
}
