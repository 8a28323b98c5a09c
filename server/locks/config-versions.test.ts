import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../kernel/database.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { configVersions } from "./store.ts";

const ROUNDS = 40;
let town: TownDatabase;
let units: readonly number[];

beforeAll(async () => {
  town = await townDatabase({ locks: 200 });
  const made = await town.database.tables.execute<{ id: number }>(sql`
    INSERT INTO lock_unit (public_id, tenant, lock, claim_digest, public_key, broker_secret_digest, model, firmware)
    SELECT gen_random_uuid(), tenant, id, 'd', sha256(serial::bytea), '', 'M', '1' FROM lock RETURNING id`);
  units = made.map((row) => row.id);
});
afterAll(() => town.drop());

test("two hubs that publish the same documents at the same moment never wait for each other in a ring", async () => {
  const other = openDatabase(town.url);
  const publish = async (tables: typeof other.tables, order: readonly number[]): Promise<void> => {
    for (let round = 0; round < ROUNDS; round += 1) {
      // Each round changes every document, so that every row is written.
      const contents = order.map((unit) => ({ unit, digest: `${round}` }));
      const versions = await configVersions(tables, contents);
      expect(versions.size).toBe(units.length);
    }
  };
  await Promise.all([publish(town.database.tables, units), publish(other.tables, units.toReversed())]);
  await other.close();
  const [stats] = await town.database.tables.execute<{ deadlocks: string }>(
    sql`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`,
  );
  expect(Number(stats?.deadlocks)).toBe(0);
});

test("a version rises with its content and never otherwise; a unit that left has none", async () => {
  const [one = 0, gone = 0] = units;
  const ask = async (digest: string) => (await configVersions(town.database.tables, [{ unit: one, digest }])).get(one);
  const before = (await ask("a")) ?? 0;
  expect(await ask("a")).toBe(before);
  expect(await ask("b")).toBe(before + 1);
  expect(await ask("a")).toBe(before + 2);
  await town.database.raw`UPDATE lock_unit SET decommissioned_at = now() WHERE id = ${gone}`;
  expect((await configVersions(town.database.tables, [{ unit: gone, digest: "c" }])).size).toBe(0);
});
