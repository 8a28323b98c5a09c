import { existsSync } from "node:fs";
import { mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { expect, test } from "vitest";
import { freshDatabase, startTestPostgres } from "./postgres.ts";

async function ask(url: string, query: string): Promise<unknown> {
  const sql = postgres(url, { max: 1 });
  try {
    return Object.values((await sql.unsafe(query))[0] ?? {})[0];
  } finally {
    await sql.end();
  }
}

test("every test gets an empty database of its own, and nothing of it stays", async () => {
  const [first, second] = await Promise.all([freshDatabase(), freshDatabase()]);
  await ask(first.url, "create table doors (id int)");
  expect(await ask(second.url, "select count(*)::int from pg_tables where tablename = 'doors'")).toBe(0);
  await first.drop();
  await first.drop();
  await expect(ask(first.url, "select 1")).rejects.toMatchObject({ code: "3D000" });
  await second.drop();
});

test("the run's server is the chosen one", async () => {
  const { url, drop } = await freshDatabase();
  const release = Number(await ask(url, "show server_version_num"));
  const choice = process.env.PORTNER_TEST_POSTGRES ?? "embedded";
  expect(release >= 180_000).toBe(choice === "embedded" || (choice !== "debian" && release >= 180_000));
  await drop();
});

test("an unknown choice of server fails by name", async () => {
  await expect(startTestPostgres("oracle")).rejects.toMatchObject({ code: "TEST_POSTGRES_UNKNOWN" });
});

test("what a killed run left behind is removed by the next, and a younger folder is left alone", async () => {
  const abandoned = await mkdtemp(join(tmpdir(), "portner-test-postgres-"));
  const young = await mkdtemp(join(tmpdir(), "portner-test-postgres-"));
  await writeFile(join(abandoned, "owner"), "999999999 1");
  await utimes(abandoned, 0, 0);
  const server = await startTestPostgres("embedded");
  await server.stop();
  expect([existsSync(abandoned), existsSync(young)]).toEqual([false, true]);
  await rm(young, { recursive: true });
});
