import { pruneEntryKeys } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import type { Log } from "../kernel/log.ts";
import { prune, type PruneStep, type Retention } from "../kernel/prune.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Pause between two passes: a flood of a thousand rows a table is worked off in minutes, and no pass is felt. */
const PRUNE_EVERY_MS = 60_000;

/** A session that ran out still answers by name, rather than as unknown, to a phone that lay in a drawer for a month. */
const SESSION_KEPT_MS = 30 * DAY_MS;
/** A code that was used or ran out says which of both, while anybody may still have it on paper. */
const ENROLMENT_CODE_KEPT_MS = 30 * DAY_MS;
/** What made no sense is looked into within weeks or never; it may hold what a stranger chose to write. */
const QUARANTINED_MESSAGE_KEPT_MS = 90 * DAY_MS;
/** Four times the window of the throttle that counts them. */
const SIGN_IN_FAILURE_KEPT_MS = HOUR_MS;
/**
 * One period more than a secret is in use, so that an auditor can compare refusals across its end. From then on nobody can
 * tell whose logins the journal's digests stand for.
 */
const LOGIN_KEY_KEPT_MS = 60 * DAY_MS;

/** How long rows of tables that are no record are kept. The journal, and what it speaks of, is no business of this list. */
export const RETENTIONS: readonly Retention[] = [
  { table: "session", key: "id", since: "expires_at", keptMs: SESSION_KEPT_MS },
  { table: "enrolment_code", key: "id", since: "expires_at", keptMs: ENROLMENT_CODE_KEPT_MS },
  { table: "quarantined_message", key: "id", since: "received_at", keptMs: QUARANTINED_MESSAGE_KEPT_MS },
  { table: "sign_in_failure", key: "id", since: "at", keptMs: SIGN_IN_FAILURE_KEPT_MS },
  { table: "login_key", key: "period", since: "created_at", keptMs: LOGIN_KEY_KEPT_MS },
];

/** What leaves with the journal's entries. */
export const PRUNE_STEPS: readonly PruneStep[] = [{ table: "entry_key", prune: pruneEntryKeys }];

/** Prunes once a minute until the returned function is called, which waits for a pass under way. */
export function keepForATime(deps: {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}): () => Promise<void> {
  const { database, clock, log } = deps;
  let cancel: () => void = () => undefined;
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  const pass = async (): Promise<void> => {
    try {
      const pruned = await prune(database.tables, {
        retentions: RETENTIONS,
        steps: PRUNE_STEPS,
        now: clock.now(),
      });
      const rows = [...(pruned ?? [])].filter(([, count]) => count > 0);
      if (rows.length > 0) log.info({ rows: Object.fromEntries(rows) }, "pruned what was kept long enough");
    } catch (error) {
      log.warn({ error: String(error) }, "pruning failed; it is tried again");
    }
  };
  const begin = (): void => {
    running = pass().then(() => {
      if (!stopped) cancel = clock.after(PRUNE_EVERY_MS, begin);
    });
  };
  begin();
  return async () => {
    stopped = true;
    cancel();
    await running;
  };
}
