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
  const found = await tables.execute<{ id: number; lock: number }>(sql`
    INSERT INTO lock_unit (public_id, tenant, lock, claim_digest, public_key, broker_secret_digest, model, firmware)
    SELECT gen_random_uuid(), tenant, id, 'd', sha256(serial::bytea), '', 'M', '1' FROM lock ORDER BY id
    RETURNING id, lock`);
  const heard = found.toReversed().map(({ id: unit }) => ({ unit, telemetry: undefined, heardAt: systemClock.now() }));
  const record = ({ id: unit, lock }: { readonly id: number; readonly lock: number }) => {
    const data = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
    const entry = newEntry("lock.door", {
      entryId: newId(systemRandom),
      occurredAt: systemClock.now(),
      lock,
      unit,
      data,
    });
    const rows = { lock_board: [{ unit, state: UNKNOWN_LOCK, heard_at: systemClock.now() }] };
    return recorder.record({ entries: [entry], rows });
  };
  const storing = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) await storeHeard(tables, heard);
  };
  const recording = async (): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) await Promise.all(found.map(record));
  };
  await Promise.all([storing(), recording()]);
  const [stats] = await tables.execute<{ deadlocks: string }>(
    sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`,
  );
  expect(Number(stats?.deadlocks)).toBe(0);
});
