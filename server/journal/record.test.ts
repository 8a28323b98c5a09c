import { migrate } from "@portner/drizzle/migrate";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { systemClock } from "../kernel/clock.ts";
import { openDatabase, type Database, type Sql } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { freshDatabase, type TestDatabase } from "../simulation/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../simulation/tcp-proxy.ts";
import { newEntry, preparePartitions, readAfter, Recorder, type HotItem } from "./index.ts";
import { QUEUED_ITEMS_MAX, SETTLE_MS_MAX } from "./record.ts";

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
  const stopped = journal.settled().then(() => performance.now() - since);
  const same = item();
  const waiting = Promise.allSettled(Array.from({ length: QUEUED_ITEMS_MAX }, () => journal.record(same)));
  await expect(journal.record(item())).rejects.toThrow("too many entries wait");
  expect((await waiting).every(({ status }) => status === "rejected")).toBe(true);
  expect(performance.now() - since).toBeGreaterThan(2_900);
  expect(performance.now() - since).toBeLessThan(3_000 + SLACK_MS);
  const later = performance.now();
  await expect(journal.record(item())).rejects.toMatchObject(away);
  expect(performance.now() - later).toBeLessThan(100);
  // A stop waits no longer either.
  expect(await stopped).toBeLessThan(SETTLE_MS_MAX + SLACK_MS);
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

test("a patient item goes with the next batch, before what came after it, and else by itself", async () => {
  let batches = 0;
  const counting = new Proxy(database.hot, {
    apply: (target, self, parameters) => {
      batches += 1;
      return Reflect.apply(target, self, parameters);
    },
  });
  const journal = new Recorder({ sql: counting, hub: newId(systemRandom), clock: systemClock });
  const patient = journal.record({ ...item(), haste: "patient" });
  const hasty = journal.record({ ...item(), haste: "urgent" });
  const [first, second] = [await patient, await hasty];
  expect(batches).toBe(1);
  if (first.outcome !== "recorded" || second.outcome !== "recorded") expect.unreachable();
  expect(first.sequence).toBe(second.sequence - 1);

  const alone = await journal.record({ ...item(), haste: "patient" });
  expect([alone.outcome, batches, journal.waiting]).toEqual(["recorded", 2, 0]);
});

test("what is patient or under way when a hub stops is recorded before its connections close", async () => {
  const stopping = openDatabase(fresh.url);
  const journal = new Recorder({ sql: stopping.hot, hub: newId(systemRandom), clock: systemClock });
  const asked = [journal.record(item()), journal.record({ ...item(), haste: "patient" })];
  const outcomes = Promise.all(asked.map((each) => each.then(({ outcome }) => outcome)));
  await journal.settled();
  const last = journal.record({ ...item(), haste: "patient" });
  await journal.settled();
  await stopping.close();
  expect(await outcomes).toEqual(["recorded", "recorded"]);
  expect(await last).toMatchObject({ outcome: "recorded" });
  await journal.settled();
});

/** The journal over a line that loses the first answer, or the first request; `meanwhile` runs before the next try. */
function lossy(loses: "answer" | "request", meanwhile: () => Promise<unknown>): Sql {
  let isLost = false;
  return new Proxy(database.hot, {
    apply: async (target, self, parameters) => {
      if (isLost) return Reflect.apply(target, self, parameters);
      isLost = true;
      if (loses === "answer") await Reflect.apply(target, self, parameters);
      await meanwhile();
      throw new PortnerError("ECONNRESET", "the line broke");
    },
  });
}

/** Two hubs that meet the same question: one allows it, the other has heard of a block. */
function decisions(): { readonly allowed: HotItem; readonly denied: HotItem; readonly allowedElsewhere: HotItem } {
  const shared = { entryId: newId(systemRandom), occurredAt: Date.now(), content: "ab".repeat(32) };
  const asked = { path: null, locks: [1], body: "b" };
  const authorised = (): HotItem => {
    const decided = { basis: { type: "bundle", bundle: 1, membership: 1 }, reason: null } as const;
    const data = { ...asked, ...decided, operation: newId(systemRandom), skippedDoors: [] };
    return { entries: [newEntry("opening.authorised", { ...shared, decidedAtRevision: 0, data })], haste: "urgent" };
  };
  const refused = { refusedLock: 1, reasons: ["CREDENTIAL_BLOCKED" as const], operation: newId(systemRandom) };
  const denied: HotItem = { entries: [newEntry("opening.denied", { ...shared, data: { ...asked, ...refused } })] };
  return { allowed: authorised(), denied, allowedElsewhere: authorised() };
}

test.each([
  { what: "another hub's denial", other: "denied" },
  { what: "another hub's allow", other: "allowedElsewhere" },
] as const)("after a lost request $what of the same key is never taken for the own allow", async ({ other }) => {
  const items = decisions();
  const theirs = new Recorder({ sql: database.hot, hub: newId(systemRandom), clock: systemClock });
  const sql = lossy("request", () => theirs.record(items[other]));
  const ours = new Recorder({ sql, hub: newId(systemRandom), clock: systemClock });
  expect(await ours.record(items.allowed)).toMatchObject({ outcome: "repeated" });
});

test("another decision of the same hub on the same key is not taken for the own one either", async () => {
  const items = decisions();
  const hub = newId(systemRandom);
  const beside = new Recorder({ sql: database.hot, hub, clock: systemClock });
  const ours = new Recorder({ sql: lossy("request", () => beside.record(items.denied)), hub, clock: systemClock });
  expect(await ours.record(items.allowed)).toMatchObject({ outcome: "repeated" });
});

test("after a lost answer what was recorded is found again as recorded", async () => {
  const { allowed } = decisions();
  const sql = lossy("answer", () => Promise.resolve());
  const ours = new Recorder({ sql, hub: newId(systemRandom), clock: systemClock });
  const { headSequence } = await readAfter(database.raw, 0, 0);
  expect(await ours.record(allowed)).toEqual({ outcome: "recorded", sequence: headSequence + 1 });
});
