import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { BlockSubject } from "@portner/schema/access";
import { CLOCK_SKEW_MS_MAX, COMMAND_LIFE_MS_MAX, PERMIT_LIFE_MS_MAX } from "@portner/schema/mqtt";
import { append, isForeign, newEntry, readAfter, type JournalEntry } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { startAccessHub, type AccessHub } from "../simulation/access-hub.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { fillSmallTown } from "../simulation/rights-database.ts";
import { placeBlock, REASON_CHARACTERS_MAX } from "./block.ts";
import { decide } from "./decide.ts";
import { registerHub } from "./hubs.ts";
import { reachOfBlock, readReach } from "./reach.ts";
import { findBlocksOn } from "./store/blocks.ts";
import { liftBlocks } from "./unblock.ts";

let db: MigratedDatabase;
let hub: AccessHub;

beforeAll(async () => {
  db = await migratedDatabase();
  await fillSmallTown(db.database);
  hub = await startAccessHub(db.url);
});
afterAll(async () => {
  await hub.stop();
  await db.drop();
});

async function block(subject: BlockSubject, reason: string | null = null) {
  const placed = await placeBlock({ tenant: 1, subject, actor: null, reason }, hub.deps);
  if (!placed.ok) throw new InvariantError(placed.failure.code);
  await hub.index.reached(placed.value.revision.sequence, 5_000);
  return placed.value;
}

async function lift(...blocks: readonly string[]) {
  const lifted = await liftBlocks({ tenant: 1, blocks, actor: null, reason: "found again" }, hub.deps);
  if (!lifted.ok) throw new InvariantError(lifted.failure.code);
  await hub.index.reached(lifted.value.revision.sequence, 5_000);
  return lifted.value;
}

async function entriesBehind(sequence: number): Promise<JournalEntry[]> {
  const { entries } = await readAfter(db.database.raw, sequence, 512);
  return entries.flatMap((entry) => (isForeign(entry) ? [] : [entry]));
}

/** What a credential hears at the stairwell, whose door is on every path. */
function answer(credential: number): string {
  const decision = decide(hub.index, { credential, lock: 6, at: Date.now() });
  return decision.outcome === "allow" ? "allow" : decision.reasons.join(" ");
}

test("a block stops every credential that hangs on its subject, and its lift lets them in again", async () => {
  const cases: readonly [BlockSubject, number, string][] = [
    [{ type: "credential", id: 1 }, 1, "CREDENTIAL_BLOCKED"],
    [{ type: "person", id: 1 }, 7, "PERSON_BLOCKED"],
    [{ type: "department", id: 1 }, 1, "ORGANISATION_BLOCKED"],
    [{ type: "provider", id: 1 }, 5, "ORGANISATION_BLOCKED"],
    [{ type: "bundle", id: 2 }, 1, "BUNDLE_BLOCKED"],
  ];
  for (const [subject, credential, reason] of cases) {
    expect(answer(credential)).toBe("allow");
    const placed = await block(subject);
    expect(answer(credential)).toBe(reason);
    await lift(placed.block);
    expect(answer(credential)).toBe("allow");
  }
});

test("a subject is free only when no block on it is left, and each is lifted by name, once", async () => {
  const first = await block({ type: "person", id: 2 });
  const second = await block({ type: "person", id: 2 });
  expect(first.block).not.toBe(second.block);
  await lift(first.block);
  expect(answer(2)).toBe("PERSON_BLOCKED");
  const again = { tenant: 1, blocks: [second.block, first.block], actor: null, reason: "again" };
  const failure = { code: "ALREADY_LIFTED", block: first.block };
  expect(await liftBlocks(again, hub.deps)).toEqual({ ok: false, failure });
  // A lift of several stands or falls as a whole.
  expect(answer(2)).toBe("PERSON_BLOCKED");
  await lift(second.block);
  expect(answer(2)).toBe("allow");
});

test("a lift raises the generation of every credential behind it, in Postgres and in the index", async () => {
  const placed = await block({ type: "person", id: 3 });
  const { revision, raised } = await lift(placed.block);
  expect(raised.map((each) => each.credential)).toEqual([3, 9]);
  for (const { credential, generation } of raised) {
    expect(hub.index.facts.credentials.get(credential)?.generation).toBe(generation);
  }
  const rows = await db.database.raw`SELECT generation FROM credential WHERE id IN (3, 9) ORDER BY id`;
  expect(rows.map((row) => row.generation)).toEqual(raised.map((each) => each.generation));
  const entries = await entriesBehind(revision.sequence - 1);
  expect(entries.map((entry) => entry.kind)).toEqual(["block.lifted", "credential.raised", "credential.raised"]);
});

test("a subject of another municipality, or none at all, can't be blocked", async () => {
  for (const type of ["credential", "person", "department", "provider", "bundle"] as const) {
    const input = { tenant: 1, subject: { type, id: 999 }, actor: null, reason: null };
    const failure = { code: "SUBJECT_NOT_FOUND" };
    expect(await placeBlock(input, hub.deps)).toEqual({ ok: false, failure });
    const foreign = { ...input, tenant: 2, subject: { type, id: 1 } };
    expect(await placeBlock(foreign, hub.deps)).toEqual({ ok: false, failure });
  }
});

test("a lift without a reason, without blocks or of somebody else's block is refused by name", async () => {
  const { block: mine } = await block({ type: "credential", id: 4 });
  const ask = (change: object) =>
    liftBlocks({ tenant: 1, blocks: [mine], actor: null, reason: "r", ...change }, hub.deps);
  const codes = await Promise.all([
    ask({ reason: "  " }),
    ask({ reason: "r".repeat(REASON_CHARACTERS_MAX + 1) }),
    ask({ blocks: [] }),
    ask({ blocks: Array.from({ length: 101 }, () => mine) }),
    ask({ blocks: [mine, "nobody"] }),
    ask({ tenant: 2 }),
  ]);
  expect(codes.map((each) => (each.ok ? "ok" : each.failure.code))).toEqual([
    "REASON_MISSING",
    "REASON_TOO_LONG",
    "BLOCKS_MISSING",
    "TOO_MANY_BLOCKS",
    "BLOCK_NOT_FOUND",
    "BLOCK_NOT_FOUND",
  ]);
  expect(answer(4)).toBe("CREDENTIAL_BLOCKED");
  await lift(mine);
});

test("the reason of a block stands apart from the journal, which keeps only its digest", async () => {
  const reason = "telefonen er glemt i bussen";
  const placed = await block({ type: "credential", id: 4 }, reason);
  const [entry] = await entriesBehind(placed.revision.sequence - 1);
  expect(JSON.stringify(entry)).not.toContain("bussen");
  const id = entry?.kind === "block.placed" ? (entry.data.reason?.id ?? "") : "";
  const [text] = await db.database.raw<{ body: string }[]>`SELECT body FROM journal_text WHERE id = ${id}`;
  expect(text?.body).toBe(reason);
  const tooLong = { tenant: 1, subject: { type: "person", id: 1 }, actor: null, reason: "r".repeat(501) } as const;
  expect(await placeBlock(tooLong, hub.deps)).toMatchObject({ ok: false, failure: { code: "REASON_TOO_LONG" } });
  await lift(placed.block);
});

test("a phone is denied while a command may live, everything that may stand for a smartkey while a permit may", async () => {
  const lives = await Promise.all(
    ([1, 7] as const).map(async (id) => {
      const before = Date.now();
      const placed = await block({ type: "credential", id });
      await lift(placed.block);
      return placed.denyUntil - before;
    }),
  );
  const [phone = 0, smartkey = 0] = lives;
  expect(phone).toBeGreaterThanOrEqual(COMMAND_LIFE_MS_MAX + CLOCK_SKEW_MS_MAX);
  expect(phone).toBeLessThan(60_000);
  expect(smartkey).toBeGreaterThanOrEqual(PERMIT_LIFE_MS_MAX + CLOCK_SKEW_MS_MAX);
});

test("blocking a person ends the sessions of the account and of every phone, in the same transaction", async () => {
  const sql = db.database.raw;
  const [account] = await sql<{ id: number }[]>`
    INSERT INTO account (public_id, tenant, person, login, name, password_hash)
    VALUES ('account-1', 1, 4, 'carer4', 'n', 'h') RETURNING id`;
  const sessions = await sql<{ id: number }[]>`
    INSERT INTO session (tenant, form, account, credential, token_digest, created_at, expires_at)
    VALUES (1, 'dashboard', ${account?.id ?? 0}, NULL, '\\x01', now(), now() + interval '1 hour'),
      (1, 'phone', NULL, 4, '\\x02', now(), now() + interval '1 hour'),
      (1, 'phone', NULL, 5, '\\x03', now(), now() + interval '1 hour') RETURNING id`;
  const ids = sessions.map((row) => row.id);
  const placed = await block({ type: "person", id: 4 });
  expect(placed.endedSessions).toBe(2);
  const [, ended] = await entriesBehind(placed.revision.sequence - 1);
  expect(ended).toMatchObject({ kind: "session.ended", data: { sessions: ids.slice(0, 2), cause: "BLOCKED" } });
  const open = await sql<{ id: number }[]>`SELECT id FROM session WHERE ended_at IS NULL`;
  expect(open.map((row) => row.id)).toEqual(ids.slice(2));
  await lift(placed.block);
});

test("a block that can't be journalled leaves neither a row nor an ended session", async () => {
  const broken = { ...hub.deps, endSessions: () => Promise.reject(new InvariantError("no sessions")) };
  const input = { tenant: 1, subject: { type: "person", id: 6 }, actor: null, reason: null } as const;
  await expect(placeBlock(input, broken)).rejects.toThrow("no sessions");
  expect(await findBlocksOn(db.database.tables, 1, input.subject)).toEqual([]);
});

test("a lift that was decided before a revocation is decided anew and then stands", async () => {
  const placed = await block({ type: "person", id: 5 });
  const outcomes = await Promise.all([
    lift(placed.block),
    ...Array.from({ length: 3 }, () => block({ type: "bundle", id: 1 })),
  ]);
  expect(outcomes).toHaveLength(4);
  for (const each of await findBlocksOn(db.database.tables, 1, { type: "bundle", id: 1 })) {
    if (!each.lifted) await lift(each.publicId);
  }
  expect(answer(5)).toBe("allow");
});

test("a block's reach counts the hubs that applied it and the locks that proved it, and names the rest", async () => {
  const beats = await Promise.all(
    [hub.index, { revision: { epoch: 1, sequence: 0 } }].map((index) =>
      registerHub({
        ...hub.deps,
        hub: newId(systemRandom),
        clock: systemClock,
        log: silentLog,
        version: "0.0.0",
        index,
      }),
    ),
  );
  const subject = { type: "credential", id: 12 } as const;
  const placed = await block(subject);
  await db.database.raw`
    INSERT INTO deny_proof (unit, version, digest, proven_at)
    VALUES (1, ${placed.revision.sequence}, 'd', now()), (2, ${placed.revision.sequence - 1}, 'd', now())`;
  const question = { tenant: 1, subject, sequence: placed.revision.sequence, denyUntil: placed.denyUntil };
  await vi.waitFor(async () => expect((await readReach(question, hub.deps)).hubs).toEqual({ applied: 1, total: 2 }), {
    timeout: 5_000,
  });
  const reach = await readReach(question, hub.deps);
  const residual = [2, 3, 4, 5, 6].map((lock) => ({ lock, until: placed.denyUntil }));
  expect(reach).toMatchObject({ durable: "JOURNAL", locks: { proven: 1, total: 6, residual } });
  expect(await reachOfBlock(1, placed.block, hub.deps)).toEqual(reach);
  expect(await reachOfBlock(2, placed.block, hub.deps)).toBeUndefined();
  const later = { ...hub.deps, clock: { ...systemClock, now: () => placed.denyUntil } };
  expect((await readReach(question, later)).locks?.residual).toEqual([]);
  expect((await readReach({ ...question, subject: { type: "bundle", id: 1 } }, hub.deps)).locks).toBeNull();
  for (const beat of beats) await beat.stop();
  expect((await readReach(question, hub.deps)).hubs).toEqual({ applied: 0, total: 0 });
  await lift(placed.block);
});

test("the guard keeps an opening out that was decided just before the block", async () => {
  const decision = decide(hub.index, { credential: 1, lock: 6, at: Date.now() });
  expect(decision.outcome).toBe("allow");
  const placed = await block({ type: "credential", id: 1 });
  const late = await append({ database: db.database, hub: hub.hub }, async () => {
    const data = { lock: 6, unit: 6, reason: null };
    const about = { entryId: newId(systemRandom), occurredAt: Date.now() };
    const entry = newEntry("lock.released", { ...about, decidedAtRevision: decision.revision.sequence, data });
    return { entries: [entry] as const, value: undefined };
  });
  expect(late).toEqual({ outcome: "stale" });
  await lift(placed.block);
});
