import type { Clock } from "../kernel/clock.ts";
import type { Database, Sql } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";

/** Pause between two looks; each takes Postgres a millisecond. */
const LOOK_EVERY_MS = 2_000;
/** As long as a statement may take; between its two messages lies one round trip. */
const STUCK_MS = 5_000;
/** How Postgres tells a time-out that is off. */
const UNLIMITED = "0";

/**
 * Ends the hubs' connections that wait in the middle of a statement for its next message, and answers how many. A hub that
 * was frozen there, or whose machine was lost, keeps its rows locked: neither the limit on statements nor the one on idle
 * transactions counts while Postgres reads, so that a block of the same phone would be refused until it is back.
 */
export async function endStuckStatements(sql: Sql, stuckMs: number): Promise<number> {
  const ended = await sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND application_name LIKE 'portner %'
      AND state = 'active' AND wait_event = 'ClientRead'
      AND query_start < clock_timestamp() - ${stuckMs / 1_000} * interval '1 second'`;
  return ended.length;
}

/**
 * Looks for stuck statements until the returned function is called. From Postgres 17 on it ends them itself, where the
 * database has the limit on transactions that a migration leaves: one restored from a dump, without its settings, has none.
 */
export function watchStuckStatements(deps: {
  readonly database: Pick<Database, "reader">;
  readonly clock: Clock;
  readonly log: Log;
}): () => void {
  const { database, clock, log } = deps;
  let stopped = false;
  let warned = false;
  let cancel: () => void = () => undefined;
  const look = async (): Promise<void> => {
    try {
      const [own] = await database.reader<{ limit: string | null }[]>`
        SELECT current_setting('transaction_timeout', true) AS limit`;
      const limit = own?.limit ?? null;
      if (limit !== null && limit !== UNLIMITED) return;
      if (limit === UNLIMITED && !warned) {
        warned = true;
        log.warn({}, "the database has no limit on transactions; `portner migrate` sets it, and this hub keeps watch");
      }
      const ended = await endStuckStatements(database.reader, STUCK_MS);
      if (ended > 0) log.warn({ ended }, "a hub was lost in the middle of a statement; its connections were ended");
    } catch (error) {
      log.warn({ error: String(error) }, "stuck statements could not be looked for; it is tried again");
    }
    if (!stopped) cancel = clock.after(LOOK_EVERY_MS, () => void look());
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}
