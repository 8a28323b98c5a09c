import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { openDatabase, type Database } from "./database.ts";

let fresh: TestDatabase;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase(fresh.url);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});

test("arrays are arrays on the very first query of every connection", async () => {
  const texts = ["locks:read", 'with "quotes", commas', ""];
  const asked = Array.from({ length: 12 }, () =>
    database.tables.execute<{ numbers: number[]; texts: string[] }>(
      sql`SELECT array_agg(n) AS numbers, ${sql.param(texts)}::text[] AS texts FROM generate_series(1, 3) AS n`,
    ),
  );
  for (const [row] of await Promise.all(asked)) expect(row).toEqual({ numbers: [1, 2, 3], texts });
});

test("an array that the ORM has written as text is passed on as it is", async () => {
  const [row] = await database.raw.unsafe<{ texts: string[] }[]>("SELECT $1::text[] AS texts", ['{"a","b c"}']);
  expect(row?.texts).toEqual(["a", "b c"]);
});

test("transactions that are the very first use of the connections all run", async () => {
  const first = openDatabase(fresh.url);
  const ending = { text: "SELECT 1 AS one", parameters: [], value: "done" };
  const all = Array.from({ length: 12 }, () => first.transact(async () => ending));
  for (const done of await Promise.all(all)) expect(done).toMatchObject({ value: "done", rows: [{ one: 1 }] });
  await first.close();
});
