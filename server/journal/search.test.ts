import type { EntryKindName } from "@portner/schema/journal";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { authorisationsOf, entryById, newEntry, Recorder, searchEntries, type EntrySearch } from "./index.ts";

/** Entries of the tenant that is looked into; enough for many pages. */
const ENTRIES = 3_000;
const START = Date.UTC(2026, 9, 1);
const MINUTE_MS = 60_000;

let db: MigratedDatabase;
const ids: string[] = [];

/** Entry n of the journal: tenant 1 and 2 in turns, locks 1–5, persons 1–7, a minute apart. */
function entryOf(n: number) {
  const subject = {
    entryId: newId(systemRandom),
    occurredAt: START + n * MINUTE_MS,
    tenant: 1 + (n % 2),
    lock: 1 + (n % 5),
    person: 1 + (n % 7),
  };
  if (n % 3 === 0) return newEntry("command.expired", { ...subject, command: newId(systemRandom), data: {} });
  return newEntry("command.sent", {
    ...subject,
    command: newId(systemRandom),
    data: { operation: newId(systemRandom), challenged: false },
  });
}

beforeAll(async () => {
  db = await migratedDatabase();
  const recorder = new Recorder({ sql: db.database.hot, hub: newId(systemRandom), clock: systemClock });
  const entries = Array.from({ length: 2 * ENTRIES }, (_, n) => entryOf(n));
  ids.push(...entries.map((entry) => entry.entryId));
  await Promise.all(entries.map((entry) => recorder.record({ entries: [entry] })));
});
afterAll(() => db.drop());

/** Every sequence that a search finds, page by page. */
async function allPages(search: Omit<EntrySearch, "tenant" | "limit">, limit = 200): Promise<number[]> {
  const found: number[] = [];
  for (let beyond: number | undefined; ;) {
    const page = await searchEntries(db.database.raw, { ...search, tenant: 1, limit, beyond });
    found.push(...page.map((entry) => entry.sequence));
    if (page.length < limit) return found;
    beyond = found.at(-1);
  }
}

/** Sequences of tenant 1, by what number n was made of. */
function expected(matches: (n: number) => boolean): number[] {
  return ids.flatMap((_, n) => (n % 2 === 0 && matches(n) ? [n + 1] : []));
}

test("pages put together are exactly the tenant's entries, newest or oldest first", async () => {
  const all = expected(() => true);
  expect(await allPages({ order: "oldestFirst" })).toEqual(all);
  expect(await allPages({ order: "newestFirst" }, 173)).toEqual(all.toReversed());
});

test("every filter narrows, and they narrow together", async () => {
  const oldest = { order: "oldestFirst" } as const;
  const kinds: readonly EntryKindName[] = ["command.expired"];
  expect(await allPages({ ...oldest, lock: 3 })).toEqual(expected((n) => n % 5 === 2));
  expect(await allPages({ ...oldest, person: 4 })).toEqual(expected((n) => n % 7 === 3));
  expect(await allPages({ ...oldest, kinds })).toEqual(expected((n) => n % 3 === 0));
  const [from, to] = [START + 1_000 * MINUTE_MS, START + 2_000 * MINUTE_MS];
  expect(await allPages({ ...oldest, from, to })).toEqual(expected((n) => n >= 1_000 && n < 2_000));
  expect(await allPages({ ...oldest, lock: 3, person: 4, kinds, from })).toEqual(
    expected((n) => n % 5 === 2 && n % 7 === 3 && n % 3 === 0 && n >= 1_000),
  );
});

test("a caller with a border sees what concerns the own locks or the own people", async () => {
  const within = { locks: [1], persons: [2] };
  expect(await allPages({ order: "oldestFirst", within })).toEqual(expected((n) => n % 5 === 0 || n % 7 === 1));
  expect(await allPages({ order: "oldestFirst", within: { locks: [], persons: [] } })).toEqual([]);
});

test("the last page costs what the first one costs", async () => {
  const cost = async (beyond: number): Promise<number> => {
    const [row] = await db.database.raw.unsafe<{ "QUERY PLAN": { Plan: Record<string, number> }[] }[]>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM journal
       WHERE tenant = 1 AND seq < ${beyond} ORDER BY seq DESC LIMIT 200`,
    );
    return row?.["QUERY PLAN"][0]?.Plan["Shared Hit Blocks"] ?? Number.NaN;
  };
  const first = await cost(2 * ENTRIES);
  const last = await cost(500);
  expect(last).toBeLessThanOrEqual(2 * first);
});

test("an entry is found by its id, and by the commands it authorised", async () => {
  const entry = await entryById(db.database.raw, ids[41] ?? "");
  expect(entry).toMatchObject({ sequence: 42, lock: 2, person: 7 });
  expect(await entryById(db.database.raw, newId(systemRandom))).toBeUndefined();
  expect(await authorisationsOf(db.database.raw, [entry?.command ?? ""])).toEqual([]);
});

test("entries of a newer hub are passed over, and the page is full all the same", async () => {
  const newer = await migratedDatabase();
  const { hot, raw } = newer.database;
  const recorder = new Recorder({ sql: hot, hub: newId(systemRandom), clock: systemClock });
  const known = (n: number) => n % 20 === 0;
  for (let n = 0; n < 400; n += 1) {
    const entry = entryOf(2 * n);
    const foreign = { ...entry, version: 99 };
    await recorder.record({ entries: [known(n) ? entry : foreign] });
  }
  const page = await searchEntries(raw, { tenant: 1, order: "newestFirst", limit: 7 });
  expect(page.map(({ sequence }) => sequence)).toEqual([381, 361, 341, 321, 301, 281, 261]);
  const rest = await searchEntries(raw, { tenant: 1, order: "newestFirst", limit: 50, beyond: 261 });
  expect(rest.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 13 }, (_, n) => 241 - 20 * n));
  await newer.drop();
});

test("a journal of another age is not read to its end for one page", async () => {
  const newer = await migratedDatabase();
  const { hot, raw } = newer.database;
  const recorder = new Recorder({ sql: hot, hub: newId(systemRandom), clock: systemClock });
  const foreign = () => ({ ...entryOf(0), entryId: newId(systemRandom), version: 99 });
  await Promise.all(Array.from({ length: 100 }, () => recorder.record({ entries: [foreign(), foreign()] })));
  const search = { tenant: 1, order: "oldestFirst" } as const;
  await expect(searchEntries(raw, { ...search, limit: 2 })).rejects.toMatchObject({ code: "JOURNAL_UNAVAILABLE" });
  expect(await searchEntries(raw, { ...search, limit: 3 })).toEqual([]);
  await newer.drop();
});
