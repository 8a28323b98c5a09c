import { sql } from "drizzle-orm";
import { isUnavailable, sqlState, type AllowLonger, type Database, type Tables } from "../kernel/database.ts";
import { JournalUnavailableError, PortnerError } from "../kernel/errors.ts";
import { itemForDatabase, type Item } from "./wire.ts";

/** What a use case hands back from its transaction: the entries to append, and its own result. */
export interface Change<Value> extends Item {
  readonly value: Value;
}

/** What a use case hands back when it found, inside the transaction, that it must not go on: all of it is undone. */
export interface Refusal<Failure> {
  readonly refused: Failure;
}

/** The outcome of a change of rights. `stale`: a revocation came in between; decide anew. */
export type Appended<Value, Failure = never> =
  | { readonly outcome: "appended"; readonly sequence: number; readonly value: Value }
  | { readonly outcome: "refused"; readonly failure: Failure }
  | { readonly outcome: "stale" }
  | { readonly outcome: "repeated" };

/** Carries a refusal out of the transaction, so that it is rolled back. */
class Undone<Failure> extends PortnerError {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super("UNDONE", "the use case changed its mind");
    this.failure = failure;
  }
}

const STALE = "PJ001";
const REPEATED = "PJ002";

/**
 * Runs a change of rights and appends its entries in the same transaction: the head comes last, and goes out together
 * with COMMIT. If the entries can't be written, the change did not happen.
 */
export async function append<Value, Failure = never>(
  deps: { readonly database: Database; readonly hub: string },
  work: (tables: Tables, allow: AllowLonger) => Promise<Change<Value> | Refusal<Failure>>,
): Promise<Appended<Value, Failure>> {
  let written: Change<Value> | undefined;
  let refusal: Undone<Failure> | undefined;
  try {
    const { value, rows } = await deps.database.transact(async (tables, allow) => {
      const change = await work(tables, allow);
      if ("refused" in change) {
        refusal = new Undone(change.refused);
        throw refusal;
      }
      written = change;
      return {
        text: "SELECT journal_append($1::uuid, $2::text::jsonb) AS seq",
        parameters: [deps.hub, JSON.stringify(itemForDatabase(change))],
        value: change.value,
      };
    });
    return { outcome: "appended", sequence: readSequence(rows[0]), value };
  } catch (error) {
    if (refusal !== undefined && error === refusal) return { outcome: "refused", failure: refusal.failure };
    if (sqlState(error) === STALE) return { outcome: "stale" };
    if (sqlState(error) === REPEATED) return { outcome: "repeated" };
    if (!isUnavailable(error)) throw error;
    const sequence = written === undefined ? undefined : await findItem(deps, written);
    if (written !== undefined && sequence !== undefined) return { outcome: "appended", sequence, value: written.value };
    throw new JournalUnavailableError("the journal is away", { cause: error });
  }
}

function readSequence(row: unknown): number {
  return typeof row === "object" && row !== null && "seq" in row ? Number(row.seq) : Number.NaN;
}

// The connection broke behind the ending: did it commit? Whoever still holds the head's lock has not decided yet, so
// the question is asked under that lock, in a statement of its own that sees what was committed while it waited.
async function findItem(
  { database, hub }: { readonly database: Database; readonly hub: string },
  item: Item,
): Promise<number | undefined> {
  try {
    // Not on the connections that follow the journal: it may wait here.
    return await database.tables.transaction(async (tables) => {
      await tables.execute(sql`SELECT 1 FROM head FOR UPDATE`);
      const parameter = JSON.stringify(itemForDatabase(item));
      const [row] = await tables.execute<{ seq: string | null }>(
        sql`SELECT journal_standing(${hub}::uuid, ${parameter}::text::jsonb) AS seq`,
      );
      const standing = row?.seq ?? null;
      return standing === null ? undefined : Number(standing);
    });
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}
