import { migrate } from "@portner/drizzle/migrate";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pause, systemClock } from "../../kernel/clock.ts";
import { migratedDatabase, type MigratedDatabase } from "../../simulation/database.ts";
import { loadAccessRows } from "./load.ts";

/** From this release on Postgres can limit a whole transaction. */
const LIMITED_SINCE = 170_000;

/** What starters that migrate wait for; see drizzle/migrate.ts. */
const MIGRATION_LOCK = 7_306_913_404;

let db: MigratedDatabase;
let limited: boolean;

beforeAll(async () => {
  db = await migratedDatabase();
  const [row] = await db.database.raw<{ version: string }[]>`SELECT current_setting('server_version_num') AS version`;
  limited = Number(row?.version) >= LIMITED_SINCE;
  // Slow tables stand for big ones: reading them takes longer than a request's transaction may.
  await db.database.raw.unsafe(`
    ALTER TABLE tenant RENAME TO tenant_rows;
    CREATE VIEW tenant AS SELECT t.* FROM tenant_rows t, (SELECT pg_sleep(0.5)) AS slow`);
});
afterAll(() => db.drop());

async function limitDatabase(limit: string): Promise<void> {
  if (!limited) return;
  const name = new URL(db.url).pathname.slice(1);
  await db.database.raw.unsafe(`ALTER DATABASE ${name} SET transaction_timeout = '${limit}'`);
}

async function limitOfNewSession(): Promise<string | null> {
  const sql = postgres(db.url, { max: 1 });
  try {
    const [row] = await sql<{ limit: string | null }[]>`SELECT current_setting('transaction_timeout', true) AS limit`;
    return row?.limit ?? null;
  } finally {
    await sql.end();
  }
}

test("all rows are read in one snapshot, however short a request's transaction must be", async () => {
  await limitDatabase("300ms");
  expect(await limitOfNewSession()).toBe(limited ? "300ms" : null);
  const { rows } = await loadAccessRows(db.database.tables);
  expect(rows.tenants).toEqual([]);
});

test("a migration runs without the limit that it leaves for requests", async () => {
  await limitDatabase("300ms");
  const other = await db.database.reader.reserve();
  await other`SELECT pg_advisory_lock(${MIGRATION_LOCK})`;
  const migrated = migrate(db.url);
  await pause(systemClock, 1_000);
  await other`SELECT pg_advisory_unlock(${MIGRATION_LOCK})`;
  other.release();
  await migrated;
  expect(await limitOfNewSession()).toBe(limited ? "5s" : null);
});
