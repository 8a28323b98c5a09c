import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { denyDigestText, DENY_ENTRIES_MAX, DenyMessage } from "@portner/schema/mqtt";
import { append, newEntry } from "../journal/index.ts";
import { openDatabase } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { startAccessHub, type AccessHub } from "../simulation/access-hub.ts";
import { migratedDatabase, type MigratedDatabase } from "../simulation/database.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { fillSmallTown } from "../simulation/rights-database.ts";
import { publicIdOf, rowsOf } from "../simulation/rights-world.ts";
import { placeBlock } from "./block.ts";
import { denyDocument } from "./deny-document.ts";
import { DenyPublisher } from "./deny-publisher.ts";
import { factsFromRows } from "./facts-from-rows.ts";
import { liftBlocks } from "./unblock.ts";

let db: MigratedDatabase;
let hub: AccessHub;
let clock: ManualClock;
let desk: DenyPublisher;
let published: DenyMessage[];
let broker: () => Promise<boolean>;

beforeAll(async () => {
  db = await migratedDatabase();
  await fillSmallTown(db.database);
  hub = await startAccessHub(db.url);
});
afterAll(async () => {
  await hub.stop();
  await db.drop();
});
beforeEach(() => {
  clock = new ManualClock(Date.now());
  published = [];
  broker = () => Promise.resolve(true);
  const publishDeny = async (tenant: number, message: DenyMessage): Promise<boolean> => {
    expect(tenant).toBe(1);
    if (!(await broker())) return false;
    published.push(DenyMessage.parse(message));
    return true;
  };
  desk = new DenyPublisher({ index: hub.index, tables: hub.database.tables, clock, log: silentLog, publishDeny });
  desk.follow(hub.tail);
  return () => desk.stop();
});

async function blockSmartkey(id: number): Promise<{ block: string; sequence: number }> {
  const input = { tenant: 1, subject: { type: "credential", id }, actor: null, reason: null } as const;
  const placed = await placeBlock(input, hub.deps);
  if (!placed.ok) throw new InvariantError(placed.failure.code);
  return { block: placed.value.block, sequence: placed.value.revision.sequence };
}

async function lift(block: string): Promise<void> {
  const lifted = await liftBlocks({ tenant: 1, blocks: [block], actor: null, reason: "found" }, hub.deps);
  expect(lifted.ok).toBe(true);
}

async function hasPublished(count: number): Promise<DenyMessage> {
  await vi.waitFor(() => expect(published.length).toBe(count), { timeout: 5_000, interval: 5 });
  const last = published.at(-1);
  if (last === undefined) throw new InvariantError("nothing was published");
  return last;
}

async function provesTo(lock: number, version: number, entries: DenyMessage["entries"]): Promise<void> {
  const digest = createHash("sha256").update(denyDigestText(entries)).digest("base64url");
  const place = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0 };
  const about = { entryId: newId(systemRandom), occurredAt: Date.now(), tenant: 1, lock };
  const data = { ...place, cfg: null, deny: { version, digest } };
  const done = await append(hub.deps, async () => {
    return { entries: [newEntry("lock.holds", { ...about, data })] as const, value: undefined };
  });
  if (done.outcome === "appended") await hub.index.reached(done.sequence, 5_000);
}

test("every connection to the broker begins with the document, and a block and its lift each publish the next", async () => {
  desk.onConnected();
  const first = await hasPublished(1);
  expect(first).toMatchObject({ tenant: publicIdOf("tenant", 1), entries: [] });
  const { block, sequence } = await blockSmartkey(7);
  const second = await hasPublished(2);
  expect(second).toMatchObject({ version: sequence, entries: [{ cred: publicIdOf("cred", 7), gen: 1 }] });
  await lift(block);
  const third = await hasPublished(3);
  expect(third).toMatchObject({ version: sequence, entries: [] });
  desk.onDisconnected();
  desk.onConnected();
  expect(await hasPublished(4)).toMatchObject({ version: sequence, entries: [] });
});

test("while the broker is away nothing is tried; what happened meanwhile is published when it is back", async () => {
  const { block, sequence } = await blockSmartkey(8);
  expect(await hub.index.reached(sequence, 5_000)).toBe(true);
  expect(published).toEqual([]);
  desk.onConnected();
  expect((await hasPublished(1)).entries.map((entry) => entry.cred)).toEqual([publicIdOf("cred", 8)]);
  await lift(block);
  await hasPublished(2);
});

test("a document that the broker did not take is tried again until it does", async () => {
  let refusals = 0;
  broker = async () => (refusals += 1) > 3;
  desk.onConnected();
  for (let turn = 1; turn <= 3; turn += 1) {
    await vi.waitFor(() => expect(refusals).toBe(turn), { timeout: 5_000, interval: 5 });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
  }
  await hasPublished(1);
});

test("a retained copy that differs is mended, one of a hub that knows more is left alone", async () => {
  desk.onConnected();
  const own = await hasPublished(1);
  desk.onReadBack(1, own);
  clock.advance(3_000);
  desk.onReadBack(1, { ...own, version: own.version + 5 });
  clock.advance(3_000);
  const forged = { ...own, entries: [{ cred: publicIdOf("cred", 1), gen: 1, until: clock.now() + 60_000 }] };
  desk.onReadBack(1, forged);
  desk.onReadBack(1, own);
  clock.advance(3_000);
  expect(published.length).toBe(1);
  desk.onReadBack(1, forged);
  clock.advance(3_000);
  await hasPublished(2);
  desk.onReadBack(1, undefined);
  clock.advance(3_000);
  await hasPublished(3);
});

test("locks that prove another document get it once more, all together, and not for ever", async () => {
  desk.onConnected();
  const { block } = await blockSmartkey(9);
  const message = await vi.waitFor(() => {
    const last = published.at(-1);
    expect(last?.entries).toHaveLength(1);
    return last ?? DenyMessage.parse(undefined);
  });
  const before = published.length;
  await provesTo(1, message.version, message.entries);
  clock.advance(3_000);
  expect(published.length).toBe(before);
  for (const lock of [1, 2, 3]) await provesTo(lock, message.version - 1, []);
  clock.advance(3_000);
  await hasPublished(before + 1);
  for (const lock of [1, 2, 3]) await provesTo(lock, message.version, []);
  clock.advance(3_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(published.length).toBe(before + 1);
  await lift(block);
  await hasPublished(before + 2);
});

test("while public ids can't be read no document goes out, short or not; it follows whole", async () => {
  const nowhere = openDatabase("postgres://portner@127.0.0.1:1/portner");
  let tables = nowhere.tables;
  let failures = 0;
  const log = { ...silentLog, warn: () => void (failures += 1) };
  const publishDeny = (_: number, message: DenyMessage) => Promise.resolve(published.push(message) > 0);
  const deps = {
    index: hub.index,
    clock,
    log,
    publishDeny,
    get tables() {
      return tables;
    },
  };
  const { block, sequence } = await blockSmartkey(7);
  expect(await hub.index.reached(sequence, 5_000)).toBe(true);
  const blind = new DenyPublisher(deps);
  blind.onConnected();
  await vi.waitFor(() => expect(failures).toBeGreaterThan(0), { timeout: 5_000, interval: 5 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(published).toEqual([]);
  tables = hub.database.tables;
  clock.advance(1_000);
  expect(await hasPublished(1)).toMatchObject({ version: sequence, entries: [{ cred: publicIdOf("cred", 7) }] });
  blind.stop();
  await nowhere.close();
  await lift(block);
});

test("more denied credentials than a document holds: smartkeys and the newest come first, and no block of the rest is proven", () => {
  const now = clock.now();
  const count = DENY_ENTRIES_MAX + 30;
  const keys = Array.from({ length: count }, (_, i) => i + 1);
  const facts = factsFromRows(
    rowsOf(
      {
        tenants: [{ id: 1, remoteOpen: "off" }],
        locks: [],
        units: [],
        pathDoors: [],
        bundlePaths: [],
        providers: [],
        persons: [{ id: 1, tenant: 1, department: 1, provider: null, active: true, visitsOnly: false }],
        credentials: keys.map((id) => {
          const form = id % 2 === 0 ? ("smartkey" as const) : ("phone" as const);
          return { id, tenant: 1, person: 1, form, generation: 1, validFrom: 0, validUntil: null };
        }),
        memberships: [],
        blocks: keys.map((id) => {
          const on = { subjectType: "credential" as const, subject: id };
          return { id, tenant: 1, ...on, placedAt: now - count + id, denyUntil: now + 1 + (id % 3) };
        }),
        lifts: [],
      },
      new Map(keys.map((id) => [id, 1_000 + id])),
    ),
  );
  const publicIds = new Map(keys.map((id) => [id, publicIdOf("cred", id)]));
  const document = denyDocument(facts, { tenant: 1, now, publicIds });
  const smartkeys = keys.filter((id) => id % 2 === 0);
  const newestPhones = keys.filter((id) => id % 2 === 1).slice(smartkeys.length - DENY_ENTRIES_MAX);
  const wanted = [...smartkeys, ...newestPhones].map((id) => publicIdOf("cred", id)).toSorted();
  expect(document?.message.entries.map((entry) => entry.cred)).toEqual(wanted);
  expect(document?.omitted).toBe(30);
  expect(document?.message.version).toBe(1_000);
  const fewer = denyDocument(facts, { tenant: 1, now: now + 1, publicIds });
  expect(fewer).toMatchObject({ omitted: 0, unnamed: 0, message: { version: 1_000 + count } });
  expect(denyDocument(facts, { tenant: 1, now: now + 1, publicIds: new Map() })?.unnamed).toBe(100);
  expect(denyDocument(facts, { tenant: 1, now: now + 3, publicIds })?.message.entries).toEqual([]);
  expect(denyDocument(facts, { tenant: 2, now, publicIds })).toBeUndefined();
});
