import { migrate } from "@portner/drizzle/migrate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { faultsOfChain } from "../simulation/journal-checks.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { newEntry, PARTITIONS_AHEAD, Recorder } from "./index.ts";
import { preparePartitions } from "./partitions.ts";

/** Just above the largest batch. */
const SIZE = 600;
const ENTRIES = 4 * SIZE;
/** Entries recorded between two looks at the partitions; the partition ahead is never used up. */
const A_TURN = 200;
/** Far above a commit, far below the two seconds after which a lock that is not to be had fails. */
const STALL_MS = 1_000;

let fresh: TestDatabase;
let database: Database;
let other: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.url);
  database = openDatabase(fresh.url);
  other = openDatabase(fresh.url);
  await preparePartitions(database.raw, SIZE);
});
afterAll(async () => {
  await Promise.all([database.close(), other.close()]);
  await fresh.drop();
});

function sent() {
  return newEntry("command.sent", {
    ...{ entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1, command: newId(systemRandom) },
    data: { operation: newId(systemRandom), challenged: false },
  });
}

/** Runs `work` while somebody else's transaction holds what `statement` locks. */
async function beside<Value>(statement: string, work: () => Promise<Value>): Promise<Value> {
  const reserved = await other.reader.reserve();
  try {
    await reserved.unsafe("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0");
    await reserved.unsafe(statement);
    return await work();
  } finally {
    await reserved.unsafe("ROLLBACK");
    reserved.release();
  }
}

test("beside a search that does not end, partitions are made and entries go from one to the next", async () => {
  const recorder = new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock });
  let slowestMs = 0;
  const timed = async <Value>(work: Promise<Value>): Promise<Value> => {
    const startedAt = performance.now();
    const value = await work;
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    return value;
  };
  await beside("SELECT count(*) FROM journal", async () => {
    for (let done = 0; done < ENTRIES; done += A_TURN) {
      const records = Array.from({ length: A_TURN }, () => timed(recorder.record({ entries: [sent()] })));
      const [ready, ...recorded] = await Promise.all([timed(preparePartitions(database.raw, SIZE)), ...records]);
      expect(ready).toBe(PARTITIONS_AHEAD);
      expect(recorded.every(({ outcome }) => outcome === "recorded")).toBe(true);
    }
  });
  expect(slowestMs).toBeLessThan(STALL_MS);
  const [row] = await database.raw<{ entries: number; partitions: number }[]>`
    SELECT count(*)::integer AS entries, count(DISTINCT tableoid)::integer AS partitions FROM journal`;
  expect(row).toEqual({ entries: ENTRIES, partitions: ENTRIES / SIZE + 1 });
  expect(await faultsOfChain(database.raw)).toEqual([]);
});

test("an attached partition has what one that was made as such has: key, indexes, and no way to edit or empty it", async () => {
  const [standing] = await database.raw<{ oid: number; name: string; checks: number }[]>`
    SELECT inhrelid::integer AS oid, inhrelid::regclass::text AS name,
      (SELECT count(*)::integer FROM pg_constraint c WHERE c.conrelid = inhrelid AND contype = 'c') AS checks
    FROM pg_inherits WHERE inhparent = 'journal'::regclass ORDER BY 1 LIMIT 1`;
  expect(standing?.checks).toBe(0);
  const [indexes] = await database.raw<{ own: number; attached: number }[]>`
    SELECT count(*)::integer AS own, count(i.inhparent)::integer AS attached
    FROM pg_index LEFT JOIN pg_inherits i ON i.inhrelid = indexrelid WHERE indrelid = ${standing?.oid ?? 0}`;
  const [parents] = await database.raw<{ all: number }[]>`
    SELECT count(*)::integer AS all FROM pg_index WHERE indrelid = 'journal'::regclass`;
  expect(indexes).toEqual({ own: parents?.all, attached: parents?.all });
  for (const edit of ["TRUNCATE", "DELETE FROM"]) {
    await expect(database.raw.unsafe(`${edit} ${standing?.name ?? ""}`)).rejects.toMatchObject({ code: "PJ009" });
  }
});

test("where somebody changes the journal, the looking is given up soon, and tells what stands", async () => {
  const startedAt = performance.now();
  const ready = await beside("LOCK TABLE journal IN SHARE UPDATE EXCLUSIVE MODE", async () => {
    await database.raw`UPDATE head SET seq = seq + ${SIZE}`.catch(() => undefined);
    return preparePartitions(database.raw, SIZE);
  });
  expect(ready).toBeLessThan(PARTITIONS_AHEAD);
  expect(performance.now() - startedAt).toBeLessThan(2 * STALL_MS);
  expect(await preparePartitions(database.raw, SIZE)).toBe(PARTITIONS_AHEAD);
});
