import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../simulation/tcp-proxy.ts";
import { isUnavailable, openDatabase, type Database, type Tables } from "./database.ts";
import { TRANSACTIONS_WAITING_MAX } from "./transaction-lanes.ts";

let fresh: TestDatabase;
let line: TcpProxy;
let database: Database;
/** Beside the line. */
let direct: Database;

beforeEach(async () => {
  fresh = await freshDatabase();
  const url = new URL(fresh.url);
  line = await startTcpProxy(Number(url.port));
  url.port = String(line.port);
  database = openDatabase(url.href);
  direct = openDatabase(fresh.url);
  await direct.raw`CREATE TABLE note (n integer)`;
});
afterEach(async () => {
  await Promise.all([database.close(), direct.close()]);
  await line.stop();
  await fresh.drop();
});

const ending = { text: "INSERT INTO note VALUES (99)", parameters: [], value: "done" };
const insert = (tables: Tables, n: number) => tables.execute(sql`INSERT INTO note VALUES (${n})`);

async function notes(): Promise<number[]> {
  return (await direct.raw<{ n: number }[]>`SELECT n FROM note ORDER BY n`).map(({ n }) => n);
}

/** Ends the transaction's own connection from outside, and waits until it is gone. */
async function endBackend(tables: Tables): Promise<void> {
  const [own] = await tables.execute<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`);
  await direct.raw`SELECT pg_terminate_backend(${own?.pid ?? 0}, 5000)`;
  await new Promise((resolve) => void setTimeout(resolve, 50));
}

test.each([
  [
    "its own",
    (work: (tables: Tables) => Promise<unknown>) => database.transact(async (tables) => (await work(tables), ending)),
  ],
  ["the tables'", (work: (tables: Tables) => Promise<unknown>) => database.tables.transaction(work)],
])("a connection lost within %s transaction fails it whole, and the next one runs", async (_, begin) => {
  const lost = begin(async (tables) => {
    await insert(tables, 1);
    await endBackend(tables);
    await Promise.all([insert(tables, 2), insert(tables, 3)]);
  });
  await expect(lost).rejects.toSatisfy(isUnavailable);
  expect(await notes()).toEqual([]);
  for (let n = 0; n < 10; n += 1) await database.transact(async () => ending);
  expect(await notes()).toHaveLength(10);
});

test("a pause longer than Postgres allows within a transaction undoes it, and nothing else", async () => {
  const slow = database.transact(async (tables) => {
    await insert(tables, 1);
    await new Promise((resolve) => void setTimeout(resolve, 1_500));
    await insert(tables, 2);
    return ending;
  });
  await expect(slow).rejects.toSatisfy(isUnavailable);
  expect(await notes()).toEqual([]);
  await database.transact(async () => ending);
  expect(await notes()).toEqual([99]);
});

test("a line cut under many transactions at once fails those under way, and all run again when it is back", async () => {
  const all = Array.from({ length: 40 }, (_, n) =>
    database.transact(async (tables) => {
      await insert(tables, n);
      if (n === 20) line.cut();
      await Promise.all([insert(tables, n), insert(tables, n)]);
      return ending;
    }),
  );
  const settled = await Promise.allSettled(all);
  for (const each of settled) if (each.status === "rejected") expect(isUnavailable(each.reason)).toBe(true);
  expect(settled.filter(({ status }) => status === "rejected").length).toBeGreaterThan(0);
  line.heal();
  const before = await notes();
  expect(before.filter((n) => n === 99).length * 4).toBe(before.length);
  const again = Array.from({ length: 40 }, () => database.transact(async () => ending));
  await Promise.all(again);
});

test("more transactions than may wait are refused at once, and those that waited run", async () => {
  let letGo: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const first = Array.from({ length: 6 }, () => direct.transact(async () => (await gate, ending)));
  const waiting = Array.from({ length: TRANSACTIONS_WAITING_MAX }, () => direct.transact(async () => ending));
  await expect(direct.transact(async () => ending)).rejects.toMatchObject({ code: "JOURNAL_UNAVAILABLE" });
  letGo();
  await Promise.all([...first, ...waiting]);
  expect(await notes()).toHaveLength(TRANSACTIONS_WAITING_MAX + 6);
});
