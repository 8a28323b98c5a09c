import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import { isUnavailable, openDatabase, type Database } from "../kernel/database.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { endStuckStatements } from "./stuck-statements.ts";

/** Far below the five seconds after which newer releases end a transaction themselves. */
const STUCK_MS = 300;
const MARK = "stuck_here";

let db: MigratedDatabase;
let proxy: Server;
let frozen: Database;

/** A line on which nothing more is sent once the mark has gone by, as from a machine that was lost. */
async function lineThatFreezes(to: URL): Promise<Server> {
  const server = createServer((client) => {
    const upstream = connect(Number(to.port), to.hostname);
    let isFrozen = false;
    client.on("data", (data) => {
      if (!isFrozen) upstream.write(data);
      isFrozen ||= data.includes(MARK);
    });
    upstream.pipe(client);
    for (const end of [client, upstream]) end.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

beforeAll(async () => {
  db = await migratedDatabase();
  const url = new URL(db.url);
  proxy = await lineThatFreezes(url);
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new InvariantError("the line has no port");
  frozen = openDatabase(Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(address.port) }).href);
});
afterAll(async () => {
  await frozen.close();
  proxy.close();
  await db.drop();
});

const isHeadFree = (): Promise<boolean> =>
  db.database.tables.execute(sql`SELECT 1 FROM head FOR UPDATE NOWAIT`).then(
    () => true,
    () => false,
  );

test("a hub that is lost between two messages of a statement holds no lock for long, and others' lines stay", async () => {
  const lost = frozen.tables.transaction(async (tables) => {
    await tables.execute(sql`SELECT 1 FROM head FOR UPDATE`);
    await tables.execute(sql`SELECT ${1}::integer AS ${sql.raw(MARK)}`);
  });
  const failure = lost.catch((error: unknown) => error);
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(false));
  expect(await endStuckStatements(db.database.reader, 60_000)).toBe(0);
  await vi.waitFor(async () => expect(await endStuckStatements(db.database.reader, STUCK_MS)).toBe(1), 3_000);
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(true));
  expect(await endStuckStatements(db.database.reader, 0)).toBe(0);
  expect(isUnavailable(await failure)).toBe(true);
});
