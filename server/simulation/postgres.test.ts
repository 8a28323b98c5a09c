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
