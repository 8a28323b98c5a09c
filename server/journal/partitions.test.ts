import { migrate } from "@portner/drizzle/migrate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { faultsOfChain } from "../simulation/journal-checks.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { isForeign, JournalTail, newEntry, pruneEntryKeys, Recorder, searchEntries, type HotItem } from "./index.ts";

/** Just above the largest batch, so that batches end on both sides of an edge and across it. */
const SIZE = 600;
const ROUNDS = 12;
const ENTRIES_A_ROUND = 400;

let fresh: TestDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.url);
  database = openDatabase(fresh.url);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

function item(entries: number): HotItem {
  const sent = () =>
    newEntry("command.sent", {
      entryId: newId(systemRandom),
      occurredAt: Date.now(),
      tenant: 1,
      command: newId(systemRandom),
      data: { operation: newId(systemRandom), challenged: false },
    });
  return { entries: [sent(), ...Array.from({ length: entries - 1 }, sent)] };
}

async function partitions(): Promise<readonly string[]> {
  const rows = await database.raw<{ name: string }[]>`
    SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'journal'::regclass ORDER BY 1`;
  return rows.map(({ name }) => name);
}

async function prepare(): Promise<number> {
  const [row] = await database.raw<{ ready: number }[]>`SELECT journal_prepare(2, ${SIZE}) AS ready`;
  return row?.ready ?? 0;
}

test("entries cross the edges of partitions without a hole, and the tail with them", async () => {
  expect(await prepare()).toBe(2);
  const seen: number[] = [];
  const tail = new JournalTail({ sql: database.raw, clock: systemClock, log: silentLog }, { epoch: 1, sequence: 0 });
  tail.onBatch(({ entries }) => {
    for (const entry of entries) if (!isForeign(entry)) seen.push(entry.sequence);
  });
  tail.start();
  const hubs = [1, 2, 3].map(() => new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const items = Array.from({ length: ENTRIES_A_ROUND / 4 }, (_, n) => hubs[n % 3]?.record(item(4)));
    const done = await Promise.all(items);
    for (const each of done) expect(each?.outcome).toBe("recorded");
    // Every hub looks after the partitions; all at once is as good as one.
    expect(await Promise.all([prepare(), prepare()])).toEqual([2, 2]);
  }
  const all = Array.from({ length: ROUNDS * ENTRIES_A_ROUND }, (_, n) => n + 1);
  await vi.waitFor(() => expect(seen).toHaveLength(all.length), { timeout: 10_000 });
  await tail.stop();
  expect(seen).toEqual(all);
  expect((await partitions()).length).toBe((ROUNDS * ENTRIES_A_ROUND) / SIZE + 3);
  expect(await faultsOfChain(database.raw)).toEqual([]);
  const page = await searchEntries(database.reader, { tenant: 1, order: "newestFirst", limit: 1_500 });
  expect(page.map(({ sequence }) => sequence)).toEqual(all.toReversed().slice(0, 1_500));
});

test("no partition can be emptied or edited behind the journal's back, however it was made", async () => {
  for (const name of await partitions()) {
    await expect(database.raw.unsafe(`TRUNCATE ${name}`)).rejects.toMatchObject({ code: "PJ009" });
  }
  const [first] = await partitions();
  await expect(database.raw.unsafe(`DELETE FROM ${first ?? ""}`)).rejects.toMatchObject({ code: "PJ009" });
  await expect(database.raw.unsafe(`UPDATE ${first ?? ""} SET kind = 'x'`)).rejects.toMatchObject({ code: "PJ009" });
});

test("keys leave with the partition of their entries, in bounded batches, and no others", async () => {
  const keys = async () => Number((await database.raw<{ n: string }[]>`SELECT count(*) AS n FROM entry_key`)[0]?.n);
  const before = await keys();
  expect(await pruneEntryKeys(database.tables, 1_000)).toBe(0);
  const [first] = await partitions();
  await database.raw.unsafe(`ALTER TABLE journal DETACH PARTITION ${first ?? ""}`);
  // The first partition begins at 0 and the first entry at 1.
  expect(await pruneEntryKeys(database.tables, 500)).toBe(500);
  expect(await pruneEntryKeys(database.tables, 500)).toBe(SIZE - 1 - 500);
  expect(await pruneEntryKeys(database.tables, 500)).toBe(0);
  expect(await keys()).toBe(before - (SIZE - 1));
});
