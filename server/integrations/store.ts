import { sql } from "drizzle-orm";
import type { AllowLonger, Tables } from "../kernel/database.ts";

/** Twenty thousand locks take some ten seconds; after minutes something hangs. */
const IMPORT_TIMEOUT_MS = 300_000;
/** Between two statements an import folds and compares some 100,000 texts. */
const IMPORT_IDLE_MS = 15_000;

/**
 * Gives this transaction the time an import needs, and makes it the only import of its tenant. False when another one
 * runs.
 */
export async function beginImport(tables: Tables, allow: AllowLonger, tenant: string): Promise<boolean> {
  allow(IMPORT_TIMEOUT_MS + IMPORT_IDLE_MS);
  // From Postgres 17 on, a limit on the whole transaction is switched off before it can be set anew.
  await tables.execute(sql`
    SELECT set_config('statement_timeout', ${String(IMPORT_TIMEOUT_MS)}, true),
      set_config('idle_in_transaction_session_timeout', ${String(IMPORT_IDLE_MS)}, true),
      (SELECT set_config(name, '0', true) FROM pg_settings WHERE name = 'transaction_timeout')`);
  await tables.execute(sql`
    SELECT set_config(name, ${String(IMPORT_TIMEOUT_MS)}, true) FROM pg_settings WHERE name = 'transaction_timeout'`);
  const [row] = await tables.execute<{ held: boolean }>(sql`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`portner import ${tenant}`}, 0)) AS held`);
  return row?.held === true;
}
