import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { JournalEntry } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { JournalUnavailableError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { signedClaim } from "../simulation/claim.ts";
import { ManualClock } from "../simulation/manual-clock.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { commission } from "./commission.ts";
import { Keyring } from "./keyring.ts";
import { LockRegistry, type RegisteredLock } from "./registry.ts";
import { RegistryKeeper } from "./registry-keeper.ts";

let town: TownDatabase;
const keyring = new Keyring();

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  await keyring.load(town.database.tables, town.sealing);
  const { database, hub } = town;
  const deps = { database, hub, clock: systemClock, random: systemRandom, keyring };
  for (const { serial, claim } of town.world.locks.slice(0, 3)) {
    await commission({ ...deps, publishCredential: () => Promise.resolve() }, signedClaim({ serial, claim }));
  }
});
afterAll(() => town.drop());

/** A keeper that has loaded; what it reads after an import fails as often as `failures` says. */
async function keeper(failures: { left: number }, clock = new ManualClock()) {
  const registry = new LockRegistry();
  const seen = { tries: 0, serviced: 0, left: [] as RegisteredLock[] };
  const reloadKeys = (): Promise<void> => {
    seen.tries += 1;
    failures.left -= 1;
    return failures.left >= 0 ? Promise.reject(new JournalUnavailableError("away")) : Promise.resolve();
  };
  const made = new RegistryKeeper({
    ...{ tables: town.database.tables, registry, keyring, clock, log: silentLog, reloadKeys },
    onServiced: (locks) => {
      seen.serviced += locks.length;
    },
    onLeft: (lock) => void seen.left.push(lock),
  });
  await made.load();
  return { keeper: made, registry, seen, clock };
}

const written = () => ({
  ...{ sequence: 1, epoch: 1, entryId: newId(systemRandom), occurredAt: 1, recordedAt: 1, hub: town.hub },
  rulesVersion: 1,
});
const batch = (entry: JournalEntry) => ({
  ...{ entries: [entry], position: { epoch: 1, sequence: 1 }, caughtUp: true, readStartedAt: 0 },
});

function imported(): JournalEntry {
  const data = { operation: newId(systemRandom), digest: "d", counts: {} };
  return { ...written(), kind: "world.imported", data };
}

test("a registry that can't be read is tried again at pauses that grow to two seconds, not at once and not for each entry", async () => {
  const { keeper: kept, seen, clock } = await keeper({ left: 4 });
  for (let entries = 0; entries < 50; entries += 1) kept.take(batch(imported()));
  const triesAfter = async (ms: number, tries: number): Promise<void> => {
    clock.advance(ms);
    await vi.waitFor(() => expect(seen.tries).toBe(tries), { timeout: 5_000 });
    // What was tried has failed and waits again before time goes on.
    await new Promise((resolve) => setImmediate(resolve));
  };
  await triesAfter(0, 1);
  await triesAfter(499, 1);
  await triesAfter(1, 2);
  await triesAfter(1_000, 3);
  await triesAfter(1_999, 3);
  await triesAfter(1, 4);
  clock.advance(2_000);
  await kept.settled();
  expect(seen).toMatchObject({ tries: 5, serviced: 3 });
});

test("a hub that stops gives up at once, also in the middle of a pause, and tries no more", async () => {
  const { keeper: kept, seen, clock } = await keeper({ left: Number.POSITIVE_INFINITY });
  kept.take(batch(imported()));
  await vi.waitFor(() => expect(seen.tries).toBe(1), { timeout: 5_000 });
  await kept.stop();
  kept.take(batch(imported()));
  clock.advance(60_000);
  await kept.settled();
  expect(seen.tries).toBe(1);
});

test("a unit that left is out of the registry at once, and an entry about a unit before it moves nothing", async () => {
  const { keeper: kept, registry, seen } = await keeper({ left: 0 });
  const [lock] = [...registry.all()];
  if (lock === undefined) return expect.unreachable("no lock is in service");
  const left = (unit: number): JournalEntry => ({
    ...written(),
    kind: "unit.decommissioned",
    data: { lock: lock.lock, unit },
  });
  kept.take(batch(left(lock.unit + 1_000)));
  expect(registry.byLock(lock.lock)).toBe(lock);
  await kept.settled();
  kept.take(batch(left(lock.unit)));
  expect(registry.byLock(lock.lock)).toBeUndefined();
  expect(seen.left).toHaveLength(1);
  await kept.settled();
  // Its row still says that it is in service, as where the entry is older than what was read: the row counts.
  expect(registry.byLock(lock.lock)?.unit).toBe(lock.unit);
});
