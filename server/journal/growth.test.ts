import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { newEntry, Recorder } from "./index.ts";

/** A small town's keys of some weeks. */
const KEYS = 100_000;
const COMMITS = 100;
/** Read from end to end, the table makes a commit ten times as long. */
const GROWTH_MAX = 3;

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

async function medianMs(journal: Recorder): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < COMMITS; n += 1) {
    const since = performance.now();
    const data = { operation: newId(systemRandom), challenged: false };
    const about = { entryId: newId(systemRandom), occurredAt: Date.now(), command: newId(systemRandom), data };
    await journal.record({ entries: [newEntry("command.sent", about)] });
    times.push(performance.now() - since);
  }
  return times.toSorted((a, b) => a - b)[COMMITS / 2] ?? Number.NaN;
}

test("a commit among a hundred thousand entries costs what it did when the journal was empty", async () => {
  const journal = new Recorder({ sql: db.database.hot, hub: newId(systemRandom), clock: systemClock });
  // The plan is made now, on tables that hold nothing.
  await medianMs(journal);
  const empty = await medianMs(journal);
  await db.database.raw`
    INSERT INTO entry_key (entry_id, seq) SELECT gen_random_uuid(), 1000000 + n FROM generate_series(1, ${KEYS}::integer) AS n`;
  await db.database.raw`ANALYZE entry_key`;
  const full = await medianMs(journal);
  console.log(`a commit took ${empty.toFixed(2)} ms, and among ${KEYS} keys ${full.toFixed(2)} ms`);
  expect(full / empty).toBeLessThan(GROWTH_MAX);
});
