import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newEntry, Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { UNKNOWN_LOCK } from "./lock-state.ts";
import { storeHeard } from "./store.ts";

const ROUNDS = 60;

let town: TownDatabase;

beforeAll(async () => {
  town = await townDatabase({ locks: 40 });
});
afterAll(() => town.drop());

test("telemetry of many locks is stored while their events are recorded, and neither waits for the other", async () => {
  const { tables, hot } = town.database;
  const recorder = new Recorder({ sql: hot, hub: town.hub, clock: systemClock });
  const found = await tables.execute<{ id: number }>(sql`SELECT id FROM lock ORDER BY id`);
  const locks = found.map((row) => row.id);
  const heard = locks.toReversed().map((lock) => ({ lock, telemetry: undefined, heardAt: systemClock.now() }));
  const record = (lock: number) => {
    const data = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
    const entry = newEntry("lock.door", { entryId: newId(systemRandom), occurredAt: systemClock.now(), lock, data });
    const rows = { lock_board: [{ lock, state: UNKNOWN_LOCK, heard_at: systemClock.now() }] };
    return recorder.record({ entries: [entry], rows });
  };
  const storing = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) await storeHeard(tables, heard);
  };
  const recording = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) await Promise.all(locks.map(record));
  };
  await Promise.all([storing(), recording()]);
  const [stats] = await tables.execute<{ deadlocks: string }>(
    sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`,
  );
  expect(Number(stats?.deadlocks)).toBe(0);
});
