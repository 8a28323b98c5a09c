import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../simulation/tcp-proxy.ts";
import { isUnavailable, openDatabase, type Database } from "./database.ts";

/** Seven and a half seconds of silence, and what a busy machine adds. */
const GIVEN_UP_MS = 12_000;
/** A second's pause at most, a connection, and what a busy machine adds. */
const BACK_MS = 4_000;

let fresh: TestDatabase;
let line: TcpProxy;
let database: Database;
let lineUrl: string;

/** For what the real limits would only make slow. */
const HASTY = { patience: { answerMs: 1_500, hiddenMs: 1_500 } };

beforeEach(async () => {
  fresh = await freshDatabase();
  const url = new URL(fresh.url);
  line = await startTcpProxy(Number(url.port));
  url.port = String(line.port);
  lineUrl = url.href;
  database = openDatabase(lineUrl);
});
afterEach(async () => {
  await database.close();
  await line.stop();
  await fresh.drop();
});

const ending = { text: "SELECT 1 AS one", parameters: [], value: "done" };

/** Milliseconds until a promise settles, and what it failed with. */
async function failureOf(task: Promise<unknown>): Promise<{ readonly ms: number; readonly error: unknown }> {
  const since = performance.now();
  const error = await task.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { ms: performance.now() - since, error };
}

/** Milliseconds until a question is answered. */
async function untilAnswered(): Promise<number> {
  const since = performance.now();
  await vi.waitFor(() => database.raw`SELECT 1`, { timeout: 20_000, interval: 20 });
  return performance.now() - since;
}

test("a Postgres that goes silent is given up after seconds, all its connections at once, and found again", async () => {
  const { raw, hot, reader, tables } = database;
  // Two connections of the same pool, one of which asks nothing while the line is frozen.
  await Promise.all([raw`SELECT pg_sleep(0.1)`, raw`SELECT pg_sleep(0.1)`, hot`SELECT 1`, reader`SELECT 1`]);
  await tables.execute(sql`SELECT 1`);
  line.freeze();
  const asked = [
    raw`SELECT 1`,
    hot`SELECT 1`,
    reader`SELECT 1`,
    tables.execute(sql`SELECT 1`),
    database.transact(async () => ending),
    database.tables.transaction((inside) => inside.execute(sql`SELECT 1`)),
  ];
  const failed = await Promise.all(asked.map(failureOf));
  for (const { ms, error } of failed) {
    expect(error).toSatisfy(isUnavailable);
    expect(ms).toBeLessThan(GIVEN_UP_MS);
  }
  line.heal();
  // At once, while some of the dead connections are still closing.
  const hasty = await Promise.all(Array.from({ length: 12 }, () => failureOf(raw`SELECT 1`)));
  for (const { ms } of hasty) expect(ms).toBeLessThan(BACK_MS);
  const backMs = await untilAnswered();
  expect(backMs).toBeLessThan(BACK_MS);
  await expect(database.transact(async () => ending)).resolves.toMatchObject({ value: "done" });
  process.stdout.write(
    `${JSON.stringify({ givenUpMs: failed.map(({ ms }) => Math.round(ms)), backMs: Math.round(backMs) })}\n`,
  );
}, 60_000);

test("silence between two answers on one connection is noticed too", async () => {
  const hasty = openDatabase(lineUrl, HASTY);
  const rows = hasty.transact(async (tables) => {
    await tables.execute(sql`SELECT 1`);
    line.freeze();
    return ending;
  });
  const { error, ms } = await failureOf(rows);
  expect(error).toSatisfy(isUnavailable);
  expect(ms).toBeGreaterThan(1_500);
  expect(ms).toBeLessThan(4_000);
  await hasty.close();
});

test("a living Postgres may think as long as it is let, and idle connections stay", async () => {
  const hasty = openDatabase(lineUrl, HASTY);
  const pid = async () => (await hasty.hot<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid;
  const before = await pid();
  await hasty.reader`SELECT pg_sleep(1.2)`;
  await hasty.tables.transaction((inside) => inside.execute(sql`SELECT pg_sleep(3)`));
  expect(await pid()).toBe(before);
  await hasty.close();
});

test("closing while Postgres is silent takes seconds and leaves no connection behind", async () => {
  await Promise.all([database.raw`SELECT 1`, database.transact(async () => ending)]);
  await database.raw.listen("silent", () => undefined);
  line.freeze();
  const hanging = failureOf(database.raw`SELECT 1`);
  const { ms } = await failureOf(database.close());
  expect(ms).toBeLessThan(4_000);
  expect(isUnavailable((await hanging).error)).toBe(true);
}, 60_000);

test("after an outage of refused connections the next answer comes within a second or two", async () => {
  await database.raw`SELECT 1`;
  line.cut();
  const until = performance.now() + 4_000;
  while (performance.now() < until) await database.raw`SELECT 1`.catch(() => undefined);
  line.heal();
  const backMs = await untilAnswered();
  expect(backMs).toBeLessThan(BACK_MS);
  process.stdout.write(`${JSON.stringify({ backAfterRefusalMs: Math.round(backMs) })}\n`);
}, 60_000);
