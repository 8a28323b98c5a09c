import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import { systemClock } from "../kernel/clock.ts";
import { isUnavailable, openDatabase, type Database } from "../kernel/database.ts";
import { silentLog } from "../kernel/log.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { endStuckStatements, watchStuckStatements } from "./stuck-statements.ts";

/** Far below the five seconds after which newer releases end a transaction themselves. */
const STUCK_MS = 300;
const MARK = "stuck_here";
/** From this release on Postgres can limit a whole transaction. */
const LIMITED_SINCE = 170_000;

let db: MigratedDatabase;
let proxy: Server;
let frozen: Database;
let frozenUrl: string;
let limited: boolean;

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
  frozenUrl = Object.assign(new URL(url), { hostname: "127.0.0.1", port: String(address.port) }).href;
  frozen = openDatabase(frozenUrl);
  const [row] = await db.database.raw<{ version: string }[]>`SELECT current_setting('server_version_num') AS version`;
  limited = Number(row?.version) >= LIMITED_SINCE;
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

/** Takes the head's lock and falls silent in its next statement; resolves to what broke it. */
function loseWithHead(on: Database): Promise<unknown> {
  const lost = on.tables.transaction(async (tables) => {
    await tables.execute(sql`SELECT 1 FROM head FOR UPDATE`);
    await tables.execute(sql`SELECT ${1}::integer AS ${sql.raw(MARK)}`);
  });
  return lost.catch((error: unknown) => error);
}

test("a hub that is lost between two messages of a statement holds no lock for long, and others' lines stay", async () => {
  const failure = loseWithHead(frozen);
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(false));
  expect(await endStuckStatements(db.database.reader, 60_000)).toBe(0);
  await vi.waitFor(async () => expect(await endStuckStatements(db.database.reader, STUCK_MS)).toBe(1), 3_000);
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(true));
  expect(await endStuckStatements(db.database.reader, 0)).toBe(0);
  expect(isUnavailable(await failure)).toBe(true);
});

test("where Postgres could limit transactions but does not, as after a dump was restored, a hub keeps watch and says so once", async () => {
  const name = new URL(db.url).pathname.slice(1);
  if (limited) await db.database.raw.unsafe(`ALTER DATABASE ${name} SET transaction_timeout = 0`);
  const [watching, lost] = [openDatabase(db.url), openDatabase(frozenUrl)];
  const told: string[] = [];
  const log = { ...silentLog, warn: (_: object, message: string) => void told.push(message) };
  const stop = watchStuckStatements({ database: watching, clock: systemClock, log });
  const failure = loseWithHead(lost);
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(false));
  await vi.waitFor(async () => expect(await isHeadFree()).toBe(true), { timeout: 15_000, interval: 200 });
  expect(isUnavailable(await failure)).toBe(true);
  stop();
  const warning = limited ? [expect.stringContaining("no limit on transactions")] : [];
  await vi.waitFor(() => expect(told).toEqual([...warning, expect.stringContaining("its connections were ended")]));
  await Promise.all([watching.close(), lost.close()]);
}, 20_000);
