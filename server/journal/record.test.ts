import { migrate } from "@portner/drizzle/migrate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../simulation/tcp-proxy.ts";
import { newEntry, preparePartitions, readAfter, Recorder, type HotItem } from "./index.ts";
import { QUEUED_ITEMS_MAX } from "./record.ts";

/** What a busy machine adds to a time-out. */
const SLACK_MS = 3_000;

let fresh: TestDatabase;
let line: TcpProxy;
let database: Database;

beforeAll(async () => {
  fresh = await freshDatabase();
  await migrate(fresh.url);
  const url = new URL(fresh.url);
  line = await startTcpProxy(Number(url.port));
  url.port = String(line.port);
  database = openDatabase(url.href);
  await preparePartitions(database.raw);
});
afterAll(async () => {
  await database.close();
  await line.stop();
  await fresh.drop();
});

function item(): HotItem {
  const data = { operation: newId(systemRandom), challenged: false };
  return {
    entries: [
      newEntry("command.sent", {
        entryId: newId(systemRandom),
        occurredAt: Date.now(),
        command: newId(systemRandom),
        data,
      }),
    ],
  };
}

test("behind a silent Postgres what waits is refused in three seconds, what comes later at once, and what was sent when it is given up", async () => {
  const journal = new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock });
  await journal.record(item());
  line.freeze();
  const since = performance.now();
  const away = { code: "JOURNAL_UNAVAILABLE" };
  const refusedAfterMs = async (asked: Promise<unknown>): Promise<number> => {
    await expect(asked).rejects.toMatchObject(away);
    return performance.now() - since;
  };
  const sent = refusedAfterMs(journal.record(item()));
  await vi.waitFor(() => expect(journal.waiting).toBe(0));
  const same = item();
  const waiting = Promise.allSettled(Array.from({ length: QUEUED_ITEMS_MAX }, () => journal.record(same)));
  await expect(journal.record(item())).rejects.toThrow("too many entries wait");
  expect((await waiting).every(({ status }) => status === "rejected")).toBe(true);
  expect(performance.now() - since).toBeGreaterThan(2_900);
  expect(performance.now() - since).toBeLessThan(3_000 + SLACK_MS);
  const later = performance.now();
  await expect(journal.record(item())).rejects.toMatchObject(away);
  expect(performance.now() - later).toBeLessThan(100);
  expect(await sent).toBeLessThan(7_750 + SLACK_MS);
  line.heal();
  const done = await journal.record(item());
  const { headSequence } = await readAfter(database.raw, 0, 0);
  expect(done).toEqual({ outcome: "recorded", sequence: headSequence });
}, 40_000);

test("a flood that Postgres keeps answering is recorded whole, however long it takes", async () => {
  const journal = new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock });
  const all = await Promise.all(Array.from({ length: 6_000 }, () => journal.record(item())));
  expect(all.every(({ outcome }) => outcome === "recorded")).toBe(true);
}, 40_000);
