import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { newEntry, Recorder } from "./index.ts";

const COMMITS = 50;
/** Backends tell what they did at most once a second. */
const TOLD_MS = 20_000;

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

async function commit(journal: Recorder): Promise<void> {
  const command = newId(systemRandom);
  const data = { operation: newId(systemRandom), challenged: false };
  const about = { entryId: newId(systemRandom), occurredAt: Date.now(), command, data };
  const row = { id: command, state: "sent", detail: null, settled: false };
  await journal.record({ entries: [newEntry("command.sent", about)], rows: { command_state: [row] } });
}

/** How often a table was read from end to end, and how often something was looked up in it. */
async function readings(table: string): Promise<{ readonly whole: number; readonly lookedUp: number }> {
  const [row] = await db.database.raw<{ whole: string; lookedUp: string }[]>`
    SELECT seq_scan AS whole, coalesce(idx_scan, 0) AS "lookedUp" FROM pg_stat_user_tables WHERE relname = ${table}`;
  return { whole: Number(row?.whole), lookedUp: Number(row?.lookedUp) };
}

test.each(["entry_key", "command"])("a commit looks up in `%s` and never reads it to its end", async (table) => {
  const journal = new Recorder({ sql: db.database.hot, hub: newId(systemRandom), clock: systemClock });
  const before = await readings(table);
  // The plan is made now, on tables that hold nothing, and is kept while they grow.
  for (let n = 0; n < COMMITS; n += 1) await commit(journal);
  const untilTold = async () => {
    // A backend that rests tells later.
    await commit(journal);
    expect((await readings(table)).lookedUp - before.lookedUp).toBeGreaterThanOrEqual(COMMITS);
  };
  await vi.waitFor(untilTold, { timeout: TOLD_MS, interval: 300 });
  expect((await readings(table)).whole - before.whole).toBe(0);
});
