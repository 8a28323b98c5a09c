import type { Recorder } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Database } from "../../kernel/database.ts";
import { endedOperation, endingItem } from "./ending.ts";
import { forgottenOperations, type StoredOperation } from "./store.ts";

/** A hub that follows an operation has ended it long before. */
const FORGOTTEN_AFTER_MS = 60_000;
/** Operations ended in one turn. */
const SWEEP_OPERATIONS_MAX = 200;

/** Ends operations whose hub died in the middle: complete where every door opened, else stopped where they stood. */
export async function endForgottenOperations(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly recorder: Pick<Recorder, "record">;
}): Promise<number> {
  const now = deps.clock.now();
  const before = new Date(now - FORGOTTEN_AFTER_MS);
  const forgotten = await forgottenOperations(deps.database.tables, before, SWEEP_OPERATIONS_MAX);
  await Promise.all(forgotten.map((stored) => deps.recorder.record(endOf(stored, now))));
  return forgotten.length;
}

function endOf({ operation, commands }: StoredOperation, at: number) {
  const stoppedAt =
    operation.locks.find((lock) => commands.find((each) => each.lock === lock)?.state !== "opened") ?? null;
  return endingItem(endedOperation(operation), { at, stoppedAt, cause: stoppedAt === null ? null : "unknown" });
}
