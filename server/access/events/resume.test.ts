import { afterAll, beforeAll, expect, test } from "vitest";
import type { Revision } from "@portner/schema/journal";
import { JournalTail, newEntry, readAfter, Recorder, type NewEntry } from "../../journal/index.ts";
import { pause, systemClock } from "../../kernel/clock.ts";
import { PortnerError } from "../../kernel/errors.ts";
import { newId } from "../../kernel/ids.ts";
import { silentLog } from "../../kernel/log.ts";
import { systemRandom } from "../../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../../simulation/database.ts";
import { pollUntil } from "../../simulation/poll.ts";
import { dice } from "../../simulation/rights-world.ts";
import { CommandOrigins } from "./command-origins.ts";
import { DoorEventFeed } from "./door-event-feed.ts";
import type { DoorEventEdge, DoorEventSource } from "./door-event-place.ts";
import { openDoorEvents } from "./door-event-stream.ts";

/** Times that the subscriber dies; a hundred and more by the variable. */
const KILLS = Number(process.env.PORTNER_TEST_RESUME_KILLS ?? 100);
const SEED = Number(process.env.PORTNER_TEST_SEED ?? 20_261_122);
/** Entries that are recorded while it lives and dies; every third is no door event. */
const ENTRIES = 6_000;

let db: MigratedDatabase;
const hub = newId(systemRandom);

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

function entryOf(n: number): NewEntry {
  const subject = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1, lock: 1 + (n % 9) };
  if (n % 3 === 0) {
    const data = { operation: newId(systemRandom), challenged: false };
    return newEntry("command.sent", { ...subject, command: newId(systemRandom), data });
  }
  const data = { boot: 1, sequence: n + 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
  return newEntry("lock.door", { ...subject, data });
}

interface Follower {
  readonly source: DoorEventSource;
  readonly tail: JournalTail;
}

async function follow(listen: boolean): Promise<Follower> {
  const sql = db.database.raw;
  const { epoch, headSequence } = await readAfter(sql, 0, 0);
  const tail = new JournalTail({ sql, clock: systemClock, log: silentLog, listen }, { epoch, sequence: headSequence });
  const feed = new DoorEventFeed();
  const origins = new CommandOrigins(sql);
  tail.onBatch((batch) => {
    origins.take(batch);
    feed.take(batch);
  });
  tail.start();
  return { tail, source: { sql, clock: systemClock, feed, origins } };
}

async function open(source: DoorEventSource, after?: Revision, beatMs?: number) {
  const opened = await openDoorEvents(source, { after, select: () => true, beatMs });
  if (!opened.ok) throw new PortnerError(opened.failure.code, "the stream was not opened");
  return opened.value;
}

/** Every door event of the journal between two sequences. */
async function inJournal(from: number, to: number): Promise<number[]> {
  const rows = await db.database.raw<{ seq: string }[]>`
    SELECT seq FROM journal WHERE seq > ${from} AND seq <= ${to} AND kind = 'lock.door' ORDER BY seq`;
  return rows.map((row) => Number(row.seq));
}

async function head(): Promise<Revision> {
  const { epoch, headSequence } = await readAfter(db.database.raw, 0, 0);
  return { epoch, sequence: headSequence };
}

for (const listen of [true, false]) {
  test(`a subscriber that dies again and again during traffic gets the journal, ${listen ? "woken by LISTEN" : "with LISTEN cut"}`, async () => {
    console.info(`seed ${SEED}`);
    const roll = dice(SEED);
    const { source, tail } = await follow(listen);
    const start = await head();
    const recorder = new Recorder({ sql: db.database.hot, hub, clock: systemClock });
    const traffic = (async () => {
      for (let n = 0; n < ENTRIES;) {
        const size = Math.min(1 + roll(120), ENTRIES - n);
        await Promise.all(Array.from({ length: size }, (_, i) => recorder.record({ entries: [entryOf(n + i)] })));
        n += size;
        await pause(systemClock, roll(6));
      }
    })();
    const received: number[] = [];
    let after = start;
    let kills = 0;
    const last = start.sequence + ENTRIES;
    while (after.sequence < last) {
      const stream = await open(source, after, 50);
      const lives = kills < KILLS ? 1 + roll(80) : ENTRIES;
      for (let edges = 0; edges < lives && after.sequence < last; edges += 1) {
        const { value }: IteratorResult<DoorEventEdge> = await stream.next();
        expect(value.gap).toBeNull();
        expect(value.cursor.sequence).toBeGreaterThanOrEqual(after.sequence);
        if (value.event !== null) {
          expect(value.cursor.sequence).toBeGreaterThan(after.sequence);
          received.push(value.event.sequence);
        }
        after = value.cursor;
      }
      kills += 1;
      // Half of the deaths come while an edge is on its way: it is lost, and must come again.
      const lost = roll(2) === 0 ? stream.next() : undefined;
      await stream.return?.();
      await lost;
    }
    await traffic;
    await tail.stop();
    expect(kills).toBeGreaterThanOrEqual(Math.min(KILLS, 60));
    expect(received).toEqual(await inJournal(start.sequence, last));
    expect(source.feed.listening).toBe(0);
  }, 60_000);
}

test("a reader that does not read while two thousand entries pass misses none of its events", async () => {
  const { source, tail } = await follow(true);
  const start = await head();
  const stream = await open(source, start);
  const recorder = new Recorder({ sql: db.database.hot, hub, clock: systemClock });
  for (let batch = 0; batch < 40; batch += 1) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => recorder.record({ entries: [entryOf(n)] })));
  }
  const end = start.sequence + 2_000;
  expect(await pollUntil(() => tail.position.sequence >= end, 5_000)).toBe(true);
  const expected = await inJournal(start.sequence, end);
  const received: number[] = [];
  while (received.length < expected.length) received.push((await stream.next()).value?.event?.sequence ?? -1);
  expect(received).toEqual(expected);
  await stream.return?.();
  await tail.stop();
});

test("silence is told by a beat whose cursor moves on with what was not for this reader", async () => {
  const { source, tail } = await follow(true);
  const start = await head();
  const opened = await openDoorEvents(source, { select: () => false, beatMs: 80 });
  if (!opened.ok) throw new PortnerError(opened.failure.code, "the stream was not opened");
  const recorder = new Recorder({ sql: db.database.hot, hub, clock: systemClock });
  await Promise.all(Array.from({ length: 30 }, (_, n) => recorder.record({ entries: [entryOf(n)] })));
  const cursors: number[] = [];
  while ((cursors.at(-1) ?? 0) < start.sequence + 30) {
    const { value }: IteratorResult<DoorEventEdge> = await opened.value.next();
    expect(value).toMatchObject({ event: null, gap: null, replayed: false });
    cursors.push(value.cursor.sequence);
  }
  expect(cursors).toEqual(cursors.toSorted((a, b) => a - b));
  await opened.value.return?.();
  await tail.stop();
});

test("what is no longer kept is one gap, and the stream goes on at the oldest entry", async () => {
  const { source, tail } = await follow(true);
  const { epoch } = await head();
  const archived = 500;
  // As an archive takes entries out: nothing else may.
  await db.database.raw.begin(async (sql) => {
    await sql`ALTER TABLE journal DISABLE TRIGGER journal_append_only`;
    await sql`DELETE FROM journal WHERE seq <= ${archived}`;
    await sql`ALTER TABLE journal ENABLE TRIGGER journal_append_only`;
  });
  for (const from of [
    { epoch, sequence: 100 },
    { epoch: epoch + 1, sequence: 100 },
  ]) {
    const stream = await open(source, from);
    const first: DoorEventEdge = (await stream.next()).value;
    expect(first).toMatchObject({ event: null, gap: { from, oldest: { epoch, sequence: archived + 1 } } });
    expect(first.cursor).toEqual({ epoch, sequence: archived });
    const next: DoorEventEdge = (await stream.next()).value;
    expect(next.gap).toBeNull();
    expect(next.replayed).toBe(true);
    expect([next.event?.sequence]).toEqual((await inJournal(0, Number.MAX_SAFE_INTEGER)).slice(0, 1));
    await stream.return?.();
  }
  const ahead = { epoch, sequence: (await head()).sequence + 1 };
  expect(await openDoorEvents(source, { after: ahead, select: () => true })).toEqual({
    ok: false,
    failure: { code: "CURSOR_IN_FUTURE" },
  });
  await tail.stop();
});

test("at an entry that this hub is too old to read, the stream ends rather than go on", async () => {
  const { source, tail } = await follow(true);
  const stream = await open(source);
  const [row] = await db.database.raw<{ seq: string }[]>`SELECT seq FROM head`;
  await db.database.raw`SELECT * FROM journal_record(${hub}, ${JSON.stringify([
    {
      entries: [
        {
          entry_id: newId(systemRandom),
          tenant: 1,
          kind: "door.sang",
          version: 1,
          effect: "neutral",
          occurred_at: Date.now(),
          rules_version: 1,
          data: {},
        },
      ],
      rows: {},
    },
  ])}::text::jsonb)`;
  expect(Number(row?.seq)).toBeGreaterThan(0);
  await expect(stream.next()).rejects.toMatchObject({ code: "HUB_OUTDATED" });
  await tail.stop();
});
