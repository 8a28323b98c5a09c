import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { InvariantError } from "../kernel/errors.ts";
import { silentLog } from "../kernel/log.ts";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { append, isForeign, JournalTail, newEntry, Recorder, readAfter, type HotItem, type NewEntry } from "./index.ts";

let db: MigratedDatabase;
const hub = newId(systemRandom);

beforeAll(async () => {
  db = await migratedDatabase();
});
afterAll(() => db.drop());

function sent(entryId = newId(systemRandom), content?: string): NewEntry {
  return newEntry("command.sent", {
    entryId,
    occurredAt: Date.now(),
    command: newId(systemRandom),
    content,
    data: { operation: newId(systemRandom), challenged: false },
  });
}

function allowed(decidedAtRevision: number): NewEntry {
  const data = { lock: 1, unit: 1, reason: null };
  return newEntry("lock.released", { entryId: newId(systemRandom), occurredAt: Date.now(), decidedAtRevision, data });
}

function closed(): NewEntry {
  return newEntry("person.closed", { entryId: newId(systemRandom), occurredAt: Date.now(), data: { person: 1 } });
}

function recorder(): Recorder {
  return new Recorder({ sql: db.database.hot, hub, clock: systemClock });
}

async function appendClosed(): Promise<number> {
  const done = await append({ database: db.database, hub }, async () => ({ entries: [closed()], value: "done" }));
  if (done.outcome !== "appended") throw new InvariantError("not appended");
  return done.sequence;
}

test("entries recorded at once are numbered without a hole, in the order of their items", async () => {
  const journal = recorder();
  const before = (await readAfter(db.database.raw, 0, 1)).headSequence;
  const results = await Promise.all(Array.from({ length: 300 }, () => journal.record({ entries: [sent(), sent()] })));
  const sequences = results.map((result) => (result.outcome === "recorded" ? result.sequence : -1));
  expect(sequences).toEqual(Array.from({ length: 300 }, (_, i) => before + 1 + 2 * i));
});

test("an entry that is tried again stands once, and the second try learns where and with which content", async () => {
  const journal = recorder();
  const content = createHash("sha256").update("body").digest("hex");
  const entry = sent(newId(systemRandom), content);
  const first = await journal.record({ entries: [entry] });
  const both = await Promise.all([journal.record({ entries: [entry] }), journal.record({ entries: [sent(), entry] })]);
  const sequence = first.outcome === "recorded" ? first.sequence : -1;
  for (const again of both) expect(again).toEqual({ outcome: "repeated", sequence, content });
});

test("an allowing entry decided before the newest revocation is refused, one decided after it stands", async () => {
  const journal = recorder();
  const revokedAt = await appendClosed();
  expect(await journal.record({ entries: [allowed(revokedAt - 1)] })).toEqual({ outcome: "stale" });
  expect((await journal.record({ entries: [allowed(revokedAt)] })).outcome).toBe("recorded");
});

test("the guard also holds for changes appended in a transaction", async () => {
  const revokedAt = await appendClosed();
  const change = { entries: [allowed(revokedAt - 1)] as const, value: undefined };
  expect(await append({ database: db.database, hub }, async () => change)).toEqual({ outcome: "stale" });
});

test("a refused change leaves nothing behind", async () => {
  const before = await readAfter(db.database.raw, 0, 1);
  const refused = await append({ database: db.database, hub }, async () => ({ refused: "NO" as const }));
  expect(refused).toEqual({ outcome: "refused", failure: "NO" });
  expect((await readAfter(db.database.raw, 0, 1)).headSequence).toBe(before.headSequence);
});

test("one bad item is answered alone and does not fail its batch", async () => {
  const journal = recorder();
  const bad: HotItem = { entries: [sent()], rows: { no_such_table: [{ id: 1 }] } };
  const results = await Promise.allSettled([
    journal.record({ entries: [sent()] }),
    journal.record({ entries: [sent()] }),
    journal.record(bad),
    journal.record({ entries: [sent()] }),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(results[2]).toMatchObject({ reason: { code: "JOURNAL_REFUSED" } });
});

test("the journal can't be edited, deleted from or emptied", async () => {
  await recorder().record({ entries: [sent()] });
  const sql = db.database.raw;
  await expect(sql`UPDATE journal SET kind = 'x'`).rejects.toMatchObject({ code: "PJ009" });
  await expect(sql`DELETE FROM journal`).rejects.toMatchObject({ code: "PJ009" });
  await expect(sql`TRUNCATE journal`).rejects.toMatchObject({ code: "PJ009" });
});

test("the chain of digests can be followed from entry 1 to the head", async () => {
  await recorder().record({ entries: [sent(), sent(), sent()] });
  const rows = await db.database.raw<{ digest: Uint8Array; chain: Uint8Array | null }[]>`
    SELECT digest, chain FROM journal ORDER BY seq`;
  let hash = createHash("sha256").update("portner journal 1").digest();
  let batch: Uint8Array[] = [];
  for (const row of rows) {
    batch.push(row.digest);
    if (row.chain === null) continue;
    hash = createHash("sha256")
      .update(Buffer.concat([hash, ...batch]))
      .digest();
    expect(Buffer.from(row.chain)).toEqual(hash);
    batch = [];
  }
  const [head] = await db.database.raw<{ hash: Uint8Array }[]>`SELECT hash FROM head`;
  expect(batch).toEqual([]);
  expect(Buffer.from(head?.hash ?? [])).toEqual(hash);
});

test.each([true, false])("a tail hands on every entry once and in order (LISTEN: %s)", async (listen) => {
  const start = await readAfter(db.database.raw, 0, 1);
  const from = { epoch: start.epoch, sequence: start.headSequence };
  const tail = new JournalTail({ sql: db.database.raw, clock: systemClock, log: silentLog, listen }, from);
  const seen: number[] = [];
  tail.onBatch((batch) => {
    for (const entry of batch.entries) if (!isForeign(entry)) seen.push(entry.sequence);
  });
  tail.start();
  const journal = recorder();
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(Array.from({ length: 60 }, () => journal.record({ entries: [sent()] })));
  }
  await vi.waitFor(() => expect(seen.length).toBe(1200), { timeout: 5_000 });
  expect(seen).toEqual(Array.from({ length: 1200 }, (_, i) => from.sequence + 1 + i));
  expect(tail.ageMs()).toBeLessThan(5_000);
  await tail.stop();
});

test("two hubs that record and revoke at once leave one gapless journal and no stale allowance", async () => {
  const journals = [recorder(), recorder()];
  let known = await appendClosed();
  const work = Array.from({ length: 200 }, async (_, i) => {
    if (i % 10 === 0) known = Math.max(known, await appendClosed());
    return journals[i % 2]?.record({ entries: [allowed(known)] });
  });
  await Promise.all(work);
  const rows = await db.database.raw<{ seq: string; kind: string; at: string | null }[]>`
    SELECT seq, kind, decided_at_revision AS at FROM journal ORDER BY seq`;
  expect(rows.map((row) => Number(row.seq))).toEqual(rows.map((_, i) => i + 1));
  let revokedAt = 0;
  for (const row of rows) {
    if (row.kind === "person.closed") revokedAt = Number(row.seq);
    if (row.kind === "lock.released") expect(Number(row.at)).toBeGreaterThanOrEqual(revokedAt);
  }
});
