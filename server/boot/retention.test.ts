import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { silentLog } from "../kernel/log.ts";
import { prune, PRUNED_ROWS_MAX } from "../kernel/prune.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { keepForATime, PRUNE_STEPS, RETENTIONS } from "./retention.ts";

const DAY_MS = 86_400_000;

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
  await db.database.raw`
    INSERT INTO tenant (public_id, name, time_zone, remote_open) VALUES ('town', 'Town', 'Europe/Copenhagen', 'off')`;
  await db.database.raw`
    INSERT INTO person (public_id, tenant, external_id, name, profession) VALUES ('p', 1, 'p', 'P', 'carer')`;
});
afterAll(() => db.drop());

const plan = () => ({ retentions: RETENTIONS, steps: PRUNE_STEPS, now: systemClock.now() });

/** Rows of every table in the list whose time lies so many milliseconds back. */
async function insertAged(table: string, ageMs: number, rows = 1): Promise<void> {
  const at = new Date(systemClock.now() - ageMs);
  const salt = `${table} ${ageMs}`;
  const { raw } = db.database;
  const all = raw`generate_series(1, ${rows}) AS n`;
  const digest = raw`sha256(convert_to(${salt} || n, 'UTF8'))`;
  switch (table) {
    case "session":
      await raw`INSERT INTO session (tenant, form, token_digest, created_at, expires_at)
        SELECT 1, 'dashboard', ${digest}, ${at}, ${at} FROM ${all}`;
      return;
    case "enrolment_code":
      await raw`INSERT INTO enrolment_code (tenant, person, digest, issued_at, expires_at)
        SELECT 1, 1, ${digest}, ${at}, ${at} FROM ${all}`;
      return;
    case "quarantined_message":
      await raw`INSERT INTO quarantined_message (tenant, channel, fault, payload, bytes, received_at)
        SELECT 1, 'evt', 'SIGNATURE', 'x', 1, ${at} FROM ${all}`;
      return;
    case "sign_in_failure":
      await raw`INSERT INTO sign_in_failure (login_digest, at) SELECT n::text, ${at} FROM ${all}`;
      return;
    default:
      await raw`INSERT INTO login_key (period, secret, created_at)
        SELECT ${Math.round(ageMs / 1_000)}::integer + n, 'x', ${at} FROM ${all}`;
  }
}

async function countOf(table: string): Promise<number> {
  const [row] = await db.database.tables.execute<{ n: number }>(
    sql`SELECT count(*)::integer AS n FROM ${sql.identifier(table)}`,
  );
  return row?.n ?? -1;
}

test.each(RETENTIONS)("rows of $table leave when their time is over, not before", async ({ table, keptMs }) => {
  await insertAged(table, keptMs + 60_000, 3);
  await insertAged(table, keptMs - 60_000, 2);
  expect((await prune(db.database.tables, plan()))?.get(table)).toBe(3);
  expect(await countOf(table)).toBe(2);
  expect((await prune(db.database.tables, plan()))?.get(table)).toBe(0);
});

test("a pass takes a bounded number of rows, the oldest first, and the next goes on", async () => {
  await insertAged("sign_in_failure", 3 * DAY_MS, 100);
  await insertAged("sign_in_failure", 2 * DAY_MS, PRUNED_ROWS_MAX);
  const taken = async () => (await prune(db.database.tables, plan()))?.get("sign_in_failure");
  expect(await taken()).toBe(PRUNED_ROWS_MAX);
  const [left] = await db.database.raw<{ n: number }[]>`
    SELECT count(*)::integer AS n FROM sign_in_failure WHERE at < now() - interval '60 hours'`;
  expect(left?.n).toBe(0);
  expect(await taken()).toBe(100);
  expect(await taken()).toBe(0);
});

test("one hub prunes at a time, and the others go on with their work", async () => {
  await insertAged("sign_in_failure", DAY_MS, 10);
  const slow = { table: "slow", prune: async () => new Promise<number>((resolve) => void setTimeout(resolve, 500, 0)) };
  const all = await Promise.all([1, 2, 3].map(() => prune(db.database.tables, { ...plan(), steps: [slow] })));
  expect(all.filter((pruned) => pruned !== undefined)).toHaveLength(1);
});

test("a hub prunes as soon as it starts, and no more once it has stopped", async () => {
  await insertAged("sign_in_failure", DAY_MS, 5);
  const stop = keepForATime({ database: db.database, clock: systemClock, log: silentLog });
  await stop();
  expect(await db.database.raw`SELECT 1 FROM sign_in_failure WHERE at < now() - interval '2 hours'`).toHaveLength(0);
});
