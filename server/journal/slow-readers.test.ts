import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { appendAllowing, JournalTail, newEntry, readAfter } from "./index.ts";

/** More than there are connections for searches. */
const SLOW_READERS = 6;
const SLOW_S = 2;
/** Polling alone refreshes the tail twice a second. */
const AGE_MS_MAX = 1_500;

let db: MigratedDatabase;

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

test("searches that take seconds make neither the tail old nor a change wait", async () => {
  const { raw, reader } = db.database;
  const { epoch, headSequence } = await readAfter(raw, 0, 0);
  const tail = new JournalTail({ sql: raw, clock: systemClock, log: silentLog }, { epoch, sequence: headSequence });
  tail.start();
  await vi.waitFor(() => expect(tail.ageMs()).toBeLessThan(AGE_MS_MAX), { timeout: 5_000 });
  const search = { running: true };
  const searches = Promise.all(Array.from({ length: SLOW_READERS }, () => reader`SELECT pg_sleep(${SLOW_S})`)).finally(
    () => (search.running = false),
  );
  const about = { entryId: newId(systemRandom), occurredAt: systemClock.now() };
  const change = appendAllowing({ database: db.database, hub: newId(systemRandom) }, async () => {
    const entry = newEntry("person.closed", { ...about, data: { person: 1 } });
    return { entries: [entry] as const, value: search.running };
  });
  expect(await change).toEqual({ ok: true, value: true });
  let oldestMs = 0;
  while (search.running) {
    oldestMs = Math.max(oldestMs, tail.ageMs());
    await new Promise<void>((resolve) => void systemClock.after(20, resolve));
  }
  await searches;
  expect(oldestMs).toBeLessThan(AGE_MS_MAX);
  expect(tail.position.sequence).toBe(headSequence + 1);
  await tail.stop();
});
