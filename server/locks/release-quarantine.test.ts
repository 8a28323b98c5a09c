import { afterAll, beforeAll, expect, test } from "vitest";
import { append, newEntry } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { systemRandom } from "../kernel/random.ts";
import { signedClaim } from "../simulation/claim.ts";
import { FULL_SIGHT } from "../simulation/full-sight.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { commission } from "./commission.ts";
import { Keyring } from "./keyring.ts";
import { RELEASE_REASON_CHARACTERS_MAX, releaseQuarantine, type ReleaseDeps } from "./release-quarantine.ts";
import { unitsInService } from "./store.ts";
import { quarantineUnit } from "./store/units.ts";

let town: TownDatabase;
const keyring = new Keyring();
const REASON = "The board was looked at; it had been flashed twice.";
let nextPlace = 0;

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  await keyring.load(town.database.tables, town.sealing);
});
afterAll(() => town.drop());

function deps(): ReleaseDeps {
  const { database, hub } = town;
  return { database, hub, clock: systemClock, random: systemRandom, poke: () => undefined, sight: FULL_SIGHT };
}

/** A lock that was commissioned and then quarantined. */
async function quarantined() {
  const { serial = "", claim = "" } = town.world.locks[nextPlace] ?? {};
  nextPlace += 1;
  const publishCredential = () => Promise.resolve();
  const done = await commission({ ...deps(), keyring, publishCredential }, signedClaim({ serial, claim }));
  const unit = (await unitsInService(town.database.tables)).find((row) => done.ok && row.unitId === done.value.unit);
  if (unit === undefined) throw new InvariantError("the unit is not in service");
  await quarantineUnit(town.database.tables, unit.unit, "SEQUENCE_JUMP", new Date());
  return unit;
}

function request(lock: number, reason = REASON) {
  return { tenant: town.tenant, lock, actor: 1, idempotencyKey: newId(systemRandom), reason };
}

async function isQuarantined(lock: number): Promise<boolean> {
  const [unit] = await unitsInService(town.database.tables, [lock]);
  return unit?.quarantinedAt instanceof Date;
}

test("a person ends a quarantine with a reason, once, and the journal tells who and why", async () => {
  const unit = await quarantined();
  const asked = request(unit.lock);
  const [first, second] = await Promise.all([releaseQuarantine(deps(), asked), releaseQuarantine(deps(), asked)]);
  expect(first).toMatchObject({ ok: true, value: { unitId: unit.unitId } });
  expect(second).toEqual(first);
  expect(await isQuarantined(unit.lock)).toBe(false);
  const entries = await town.database.raw<{ actor: number; body: string }[]>`
    SELECT actor, body FROM journal JOIN journal_text ON journal_text.id = (data -> 'reason' ->> 'id')::uuid
    WHERE kind = 'lock.released' AND unit = ${unit.unit}`;
  expect(entries).toEqual([{ actor: 1, body: REASON }]);
});

test("what was released is quarantined again by its next nonsense, and the old request releases it no more", async () => {
  const unit = await quarantined();
  const asked = request(unit.lock);
  expect((await releaseQuarantine(deps(), asked)).ok).toBe(true);
  expect(await quarantineUnit(town.database.tables, unit.unit, "CONTENT_CONFLICT", new Date())).toBe(true);
  expect((await releaseQuarantine(deps(), asked)).ok).toBe(true);
  expect(await isQuarantined(unit.lock)).toBe(true);
});

test("nothing is released without a reason, twice, next door, or under a key that meant another lock", async () => {
  const unit = await quarantined();
  const refused = (code: string, more = {}) => ({ ok: false, failure: { code, ...more } });
  expect(await releaseQuarantine(deps(), request(unit.lock, "  "))).toEqual(refused("REASON_MISSING"));
  const max = RELEASE_REASON_CHARACTERS_MAX;
  expect(await releaseQuarantine(deps(), request(unit.lock, "x".repeat(max + 1)))).toEqual(
    refused("REASON_TOO_LONG", { max }),
  );
  const nextDoor = { ...request(unit.lock), tenant: town.tenant + 1 };
  expect(await releaseQuarantine(deps(), nextDoor)).toEqual(refused("NOT_QUARANTINED"));
  expect(await isQuarantined(unit.lock)).toBe(true);
  const asked = request(unit.lock, "x".repeat(max));
  expect((await releaseQuarantine(deps(), asked)).ok).toBe(true);
  expect(await releaseQuarantine(deps(), request(unit.lock))).toEqual(refused("NOT_QUARANTINED"));
  expect(await releaseQuarantine(deps(), { ...asked, reason: "another" })).toEqual(refused("KEY_REUSED"));
  const other = await quarantined();
  expect(await releaseQuarantine(deps(), { ...asked, lock: other.lock })).toEqual(refused("KEY_REUSED"));
});

test("a release that a revocation overtakes is decided anew, and given up when revocations never pause", async () => {
  const unit = await quarantined();
  let storms = 0;
  const revoke = async (): Promise<void> => {
    storms += 1;
    await append(town, () => {
      const data = { lock: unit.lock, unit: unit.unit };
      const entry = newEntry("unit.decommissioned", { entryId: newId(systemRandom), occurredAt: 1, data });
      return Promise.resolve({ entries: [entry] as const, value: undefined });
    });
  };
  // Revokes between the moment at which a release is decided and its commit.
  const stormy = (times: number): ReleaseDeps => {
    const { database, ...rest } = deps();
    const transact: typeof database.transact = (work) =>
      database.transact(async (tables, allow) => {
        const change = await work(tables, allow);
        if (storms < times) await revoke();
        return change;
      });
    return { ...rest, database: { ...database, transact } };
  };
  expect(await releaseQuarantine(stormy(5), request(unit.lock))).toEqual({ ok: false, failure: { code: "OVERTAKEN" } });
  expect(await isQuarantined(unit.lock)).toBe(true);
  storms = 0;
  expect((await releaseQuarantine(stormy(2), request(unit.lock))).ok).toBe(true);
  expect(await isQuarantined(unit.lock)).toBe(false);
});
