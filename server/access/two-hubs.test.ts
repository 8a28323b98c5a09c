import type { Decision } from "@portner/schema/access";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Recorder, newEntry, readAfter, isForeign, append } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { closePerson } from "../people/index.ts";
import { freshIndex, startAccessHub, type AccessHub } from "../simulation/access-hub.ts";
import { verdictFor } from "../simulation/access-oracle.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { fillSmallTown, readRightsTables } from "../simulation/rights-database.ts";
import { dice } from "../simulation/rights-world.ts";
import { endMembership, grantMembership } from "./bundles/index.ts";
import { placeBlock } from "./block.ts";
import { decide, type DecisionGround } from "./decide.ts";
import { liftBlocks } from "./unblock.ts";

/** Changes made in the random run. */
const CHANGES = Number(process.env.PORTNER_RIGHTS_CHANGES ?? 40);
/** Blocks fired into a stream of openings. */
const RACES = Number(process.env.PORTNER_BLOCK_RACES ?? 15);

let db: MigratedDatabase;
let hubs: readonly [AccessHub, AccessHub];

beforeAll(async () => {
  db = await migratedDatabase();
  await fillSmallTown(db.database);
  // One hub follows well; the other lost LISTEN and hands every batch on late.
  hubs = [await startAccessHub(db.url), await startAccessHub(db.url, { listen: false, delayMs: () => 40 })];
});
afterAll(async () => {
  for (const hub of hubs) await hub.stop();
  await db.drop();
});

async function headSequence(): Promise<number> {
  return (await readAfter(db.database.raw, 0, 0)).headSequence;
}

async function expectAgreement(grounds: readonly DecisionGround[]): Promise<void> {
  const tables = await readRightsTables(db.database.raw);
  const at = Date.now() + 10;
  for (const credential of [...tables.credentials.map((each) => each.id), 99]) {
    for (const lock of [...tables.locks.map((each) => each.id), 99]) {
      const question = { credential, lock, at };
      const wanted = verdictFor(tables, question);
      for (const ground of grounds) {
        expect({ question, ...decide(ground, question) }).toMatchObject({ question, ...wanted });
      }
    }
  }
}

async function randomUseCase(roll: (sides: number) => number, open: string[]): Promise<void> {
  const { deps, database, hub } = roll(2) === 0 ? hubs[0] : hubs[1];
  const employee = `person-${1 + roll(6)}`;
  const shared = { tenant: 1, actor: null };
  switch (roll(7)) {
    case 0:
    case 1: {
      const types = ["credential", "person", "department", "provider", "bundle"] as const;
      const type = types[roll(types.length)] ?? "person";
      const most = { credential: 12, person: 6, department: 1, provider: 1, bundle: 2 }[type];
      const subject = { type, id: 1 + roll(most) };
      const placed = await placeBlock({ ...shared, subject, reason: null }, deps);
      if (placed.ok) open.push(placed.value.block);
      return;
    }
    case 2:
    case 3: {
      const blocks = open.splice(roll(Math.max(1, open.length)), 1 + roll(2));
      if (blocks.length > 0) await liftBlocks({ ...shared, blocks, reason: "found again" }, deps);
      return;
    }
    case 4:
      await grantMembership(deps, { tenant: 1, employee, bundle: `bundle-${1 + roll(2)}` });
      return;
    case 5: {
      const rows = await database.raw<{ public_id: string }[]>`SELECT public_id FROM membership ORDER BY id`;
      const membership = rows[roll(rows.length)]?.public_id ?? "none";
      await endMembership(deps, { tenant: 1, membership });
      return;
    }
    default:
      if (roll(8) === 0) await closePerson(deps, { tenant: 1, employee });
      else await quarantine(database, hub, 1 + roll(6));
  }
}

async function quarantine(database: AccessHub["database"], hub: string, unit: number): Promise<void> {
  await append({ database, hub }, async () => {
    const [row] = await database.raw<{ lock: number }[]>`
      UPDATE lock_unit SET quarantined_at = now() WHERE id = ${unit} RETURNING lock`;
    const about = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1 };
    const data = { lock: row?.lock ?? 0, unit, cause: "FLOOD", boot: 1, sequence: 1 } as const;
    return { entries: [newEntry("lock.quarantined", { ...about, data })] as const, value: undefined };
  });
}

test("two hubs that follow the journal say what the tables say, while both change rights, and so does a third that starts", async () => {
  const seed = Number(process.env.PORTNER_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`seed ${seed} (PORTNER_SEED)`);
  const roll = dice(seed);
  const open: string[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    await randomUseCase(roll, open);
    if (change % 4 !== 3) continue;
    const sequence = await headSequence();
    for (const { index } of hubs) expect(await index.reached(sequence, 5_000)).toBe(true);
    await expectAgreement(hubs.map(({ index }) => index));
  }
  const { index } = await freshIndex(db.database);
  await expectAgreement([index]);
  expect(index.facts.newestBlock).toEqual(hubs[0].index.facts.newestBlock);
  expect(index.facts.blocks).toEqual(hubs[0].index.facts.blocks);
});

/** Undoes what the random run left, for one carer; an import's entry makes both hubs read everything anew. */
async function startAfresh({ deps }: AccessHub): Promise<void> {
  const sql = db.database.raw;
  await sql`UPDATE person SET active = true`;
  await sql`UPDATE lock_unit SET quarantined_at = NULL`;
  await sql`INSERT INTO block_lift (block, lifted_at) SELECT id, now() FROM block ON CONFLICT DO NOTHING`;
  await append(deps, async () => {
    const data = { operation: newId(systemRandom), digest: "d", counts: {} };
    const entry = newEntry("world.imported", { entryId: newId(systemRandom), occurredAt: Date.now(), data });
    return { entries: [entry] as const, value: undefined };
  });
  for (const bundle of ["bundle-1", "bundle-2"])
    await grantMembership(deps, { tenant: 1, employee: "person-1", bundle });
}

function openingEntry(decision: Extract<Decision, { outcome: "allow" }>) {
  const about = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1, credential: 1, lock: 1 };
  const data = { operation: newId(systemRandom), path: null, locks: [1], skippedDoors: [], reason: null, body: "" };
  const decidedAtRevision = decision.revision.sequence;
  return newEntry("opening.authorised", { ...about, decidedAtRevision, data: { ...data, basis: decision.basis } });
}

/** Reads the journal and counts openings that stand behind a block that was not lifted. */
async function openingsIn(from: number): Promise<{ opened: number; wrong: number }> {
  let [blocked, opened, wrong] = [0, 0, 0];
  for (let after = from; ;) {
    const { entries } = await readAfter(db.database.raw, after, 512);
    if (entries.length === 0) return { opened, wrong };
    for (const entry of entries) {
      after = entry.sequence;
      if (isForeign(entry)) continue;
      if (entry.kind === "block.placed") blocked += 1;
      if (entry.kind === "block.lifted") blocked -= entry.data.blocks.length;
      if (entry.kind !== "opening.authorised") continue;
      opened += 1;
      if (blocked > 0) wrong += 1;
    }
  }
}

test("a hub whose tail lags opens as fast as it can, and nothing of it is committed after the block", async () => {
  const [fast] = hubs;
  const slow = await startAccessHub(db.url, { delayMs: () => 30 });
  await startAfresh(fast);
  expect(await slow.index.reached(await headSequence(), 5_000)).toBe(true);
  const recorder = new Recorder({ sql: slow.database.hot, hub: slow.hub, clock: systemClock });
  const from = await headSequence();
  const seen = { recorded: 0, repeated: 0, stale: 0, denied: 0 };
  const stop = new AbortController();
  const openers = Array.from({ length: 8 }, async () => {
    while (!stop.signal.aborted) {
      const decision = decide(slow.index, { credential: 1, lock: 1, at: Date.now() });
      if (decision.outcome === "allow") {
        seen[(await recorder.record({ entries: [openingEntry(decision)], haste: "urgent" })).outcome] += 1;
      } else {
        seen.denied += 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  });
  for (let race = 0; race < RACES; race += 1) {
    const { recorded, denied } = { ...seen };
    await vi.waitFor(() => expect(seen.recorded).toBeGreaterThan(recorded + 5), { timeout: 5_000, interval: 2 });
    const type = race % 2 === 0 ? "credential" : "person";
    const placed = await placeBlock({ tenant: 1, subject: { type, id: 1 }, actor: null, reason: null }, fast.deps);
    await vi.waitFor(() => expect(seen.denied).toBeGreaterThan(denied), { timeout: 5_000, interval: 2 });
    const blocks = placed.ok ? [placed.value.block] : [];
    const lifted = await liftBlocks({ tenant: 1, blocks, actor: null, reason: "race over" }, fast.deps);
    expect(lifted.ok).toBe(true);
  }
  stop.abort();
  await Promise.all(openers);
  await slow.stop();
  const { opened, wrong } = await openingsIn(from);
  expect(wrong).toBe(0);
  expect(opened).toBe(seen.recorded);
  // The lag was real: the guard, and not the tail, had to refuse.
  expect(seen.stale).toBeGreaterThan(0);
});

test("a lift by somebody whose session has ended elsewhere is refused by a hub that has not heard of it", async () => {
  const [, late] = hubs;
  const placed = await placeBlock(
    { tenant: 1, actor: null, subject: { type: "person", id: 3 }, reason: null },
    late.deps,
  );
  if (!placed.ok) return expect.unreachable();
  expect(await late.index.reached(await headSequence(), 5_000)).toBe(true);
  const ended = newEntry("session.ended", {
    ...{ entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1 },
    data: { sessions: [7_777], cause: "SIGNED_OUT" },
  });
  // As the hub's own index of sessions does: it follows the same tail.
  let mayAsk = true;
  const unfollow = late.tail.onBatch(({ entries }) => {
    for (const entry of entries) if (!isForeign(entry) && entry.kind === "session.ended") mayAsk = false;
  });
  await append(hubs[0], () => Promise.resolve({ entries: [ended] as const, value: undefined }));
  expect(mayAsk).toBe(true);
  const asked = { tenant: 1, blocks: [placed.value.block], actor: null, reason: "found", stillMay: () => mayAsk };
  expect(await liftBlocks(asked, late.deps)).toEqual({ ok: false, failure: { code: "SESSION_ENDED" } });
  const [row] = await db.database.raw<{ lifts: string }[]>`
    SELECT count(*) AS lifts FROM block_lift JOIN block ON block.id = block_lift.block
    WHERE block.public_id = ${placed.value.block}`;
  expect(Number(row?.lifts)).toBe(0);
  unfollow();
});
