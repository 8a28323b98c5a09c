import { createServer } from "node:net";
import { Aedes } from "aedes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase, type Database } from "../kernel/database.ts";
import { silentLog } from "../kernel/log.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { freePort } from "../simulation/ports.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { freshDatabase } from "../simulation/postgres.ts";
import { Refusals } from "./refusals.ts";

const AGAIN_MS = 1_000;

let db: MigratedDatabase;
beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

/** A broker that lets in whoever comes, on this port. */
async function startAnonymous(port: number): Promise<() => Promise<void>> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle).listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return () => new Promise((resolve) => aedes.close(() => server.close(() => resolve())));
}

function refusalsOn(database: Database, port: number) {
  const clock = new ManualClock(0);
  const deps = { tables: database.tables, brokerUrl: `mqtt://127.0.0.1:${port}`, clock, log: silentLog };
  return { clock, refusals: new Refusals(deps) };
}

test("a broker that comes later and lets in whoever comes ends the hub, at the next look and not before", async () => {
  const port = await freePort();
  const { clock, refusals } = refusalsOn(db.database, port);
  await refusals.check();
  const ended = refusals.untilRefused().then(
    () => "never",
    (error: unknown) => error,
  );
  const stop = await startAnonymous(port);
  expect(await Promise.race([ended, Promise.resolve("waits")])).toBe("waits");
  clock.advance(AGAIN_MS);
  expect(await ended).toMatchObject({ code: "BROKER_ANONYMOUS" });
  await stop();
});

test("an empty database is nobody's demo, and one that was made by the demo is refused", async () => {
  const empty = await freshDatabase();
  const database = openDatabase(empty.url);
  await expect(refusalsOn(database, await freePort()).refusals.check()).resolves.toBeUndefined();
  await database.close();
  await empty.drop();
  await db.database.raw`
    INSERT INTO tenant (public_id, name, time_zone, remote_open, demo)
    VALUES ('fjordby', 'Fjordby', 'Europe/Copenhagen', 'off', true)`;
  await expect(refusalsOn(db.database, await freePort()).refusals.check()).rejects.toMatchObject({
    code: "DEMO_DATABASE",
  });
});
