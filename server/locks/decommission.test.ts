import { worldText } from "../../lock-sim/town/generate.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createEndSessions } from "../identity/index.ts";
import { importWorld } from "../integrations/index.ts";
import { Recorder, newEntry } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { signedClaim, unitKeyPair } from "../simulation/claim.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { commission } from "./commission.ts";
import { decommission, type DecommissionDeps } from "./decommission.ts";
import { Keyring } from "./keyring.ts";
import { UNKNOWN_LOCK } from "./lock-state.ts";
import { brokerCredentials, storedUnits, storeHeard, unitsInService } from "./store.ts";

let town: TownDatabase;
const keyring = new Keyring();
let nextPlace = 0;
/** Locks that the broker was told to let in no more. */
let shut: string[] = [];
const ACTOR = 1;

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  await keyring.load(town.database.tables, town.sealing);
});
afterAll(() => town.drop());

function common() {
  const { database, hub } = town;
  return { database, hub, clock: systemClock, random: systemRandom, log: silentLog, keyring };
}

function deps(over: Partial<DecommissionDeps> = {}): DecommissionDeps {
  const withdrawCredential = ({ lockId }: { readonly lockId: string }): Promise<void> => {
    shut.push(lockId);
    return Promise.resolve();
  };
  return { ...common(), withdrawCredential, poke: () => undefined, ...over };
}

async function commissionUnit(place: { readonly serial: string; readonly claim: string }, pair = unitKeyPair()) {
  const done = await commission({ ...common(), publishCredential: () => Promise.resolve() }, signedClaim(place, pair));
  if (!done.ok) return done.failure;
  const unit = (await unitsInService(town.database.tables)).find((row) => row.unitId === done.value.unit);
  if (unit === undefined) throw new InvariantError("the unit is not in service");
  return unit;
}

async function served() {
  const { serial = "", claim = "" } = town.world.locks[nextPlace] ?? {};
  nextPlace += 1;
  const unit = await commissionUnit({ serial, claim });
  if (typeof unit === "string") throw new InvariantError(unit);
  return { serial, claim, unit };
}

function request(lock: number, idempotencyKey = newId(systemRandom)) {
  return { tenant: town.tenant, lock, actor: ACTOR, idempotencyKey };
}

async function reports(unit: number, lock: number): Promise<void> {
  const recorder = new Recorder({ sql: town.database.hot, hub: town.hub, clock: systemClock });
  const data = { boot: 1, sequence: 1, clockTrusted: true, clockErrorMs: 0, door: "open" as const };
  const entry = newEntry("lock.door", { entryId: newId(systemRandom), occurredAt: 1, lock, unit, data });
  await recorder.record({
    entries: [entry],
    rows: {
      lock_board: [{ unit, state: UNKNOWN_LOCK, heard_at: systemClock.now() }],
      deny_proof: [{ unit, version: 3, digest: "d", proven_at: systemClock.now() }],
    },
  });
  await storeHeard(town.database.tables, [{ unit, telemetry: undefined, heardAt: systemClock.now() }]);
}

async function rowsOf(unit: number): Promise<object> {
  const [row] = await town.database.raw<object[]>`
    SELECT (SELECT count(*)::integer FROM lock_board WHERE unit = ${unit}) AS board,
      (SELECT count(*)::integer FROM deny_proof WHERE unit = ${unit}) AS proofs,
      length(broker_secret_digest) AS secret FROM lock_unit WHERE id = ${unit}`;
  return row ?? {};
}

test("a unit that leaves takes its secret, its board and its proofs with it, and another takes its place unknown", async () => {
  const { serial, unit } = await served();
  await reports(unit.unit, unit.lock);
  expect(await rowsOf(unit.unit)).toEqual({ board: 1, proofs: 1, secret: 64 });
  shut = [];
  const done = await decommission(deps(), request(unit.lock));
  if (!done.ok) throw new InvariantError(done.failure.code);
  expect(shut).toEqual([unit.lockId]);
  expect(await rowsOf(unit.unit)).toEqual({ board: 0, proofs: 0, secret: 0 });
  expect((await brokerCredentials(town.database.tables)).some(({ lockId }) => lockId === unit.lockId)).toBe(false);
  // Another hub, whose tail is late, still records and stores what it heard.
  await reports(unit.unit, unit.lock);
  expect(await rowsOf(unit.unit)).toMatchObject({ board: 0, proofs: 0 });
  const next = await commissionUnit({ serial, claim: done.value.claim });
  if (typeof next === "string") throw new InvariantError(next);
  expect(next.unit).not.toBe(unit.unit);
  const stored = (await storedUnits(town.database.tables)).find((row) => row.lock === unit.lock);
  expect(stored).toMatchObject({ unit: next.unit, state: undefined, heardAt: undefined, contiguous: 0 });
});

test("it is journalled once, as taking a right away, with who did it", async () => {
  const { unit } = await served();
  const [before] = await town.database.raw<{ revoked: string }[]>`SELECT revocation_seq AS revoked FROM head`;
  const asked = request(unit.lock);
  const [first, second] = await Promise.all([decommission(deps(), asked), decommission(deps(), asked)]);
  expect(first).toEqual(second);
  expect(await decommission(deps(), asked)).toEqual(first);
  const entries = await town.database.raw<{ seq: string; actor: number }[]>`
    SELECT seq, actor FROM journal WHERE kind = 'unit.decommissioned' AND unit = ${unit.unit}`;
  expect(entries).toMatchObject([{ actor: ACTOR }]);
  expect(first).toMatchObject({ ok: true, value: { revision: { sequence: Number(entries[0]?.seq) } } });
  const [after] = await town.database.raw<{ revoked: string }[]>`SELECT revocation_seq AS revoked FROM head`;
  expect(Number(after?.revoked)).toBeGreaterThan(Number(before?.revoked));
});

test("the same key for another door is refused, and a door without a unit", async () => {
  const [one, other] = [await served(), await served()];
  const asked = request(one.unit.lock);
  expect((await decommission(deps(), asked)).ok).toBe(true);
  const reused = await decommission(deps(), { ...asked, lock: other.unit.lock });
  expect(reused).toEqual({ ok: false, failure: { code: "KEY_REUSED" } });
  const again = await decommission(deps(), request(one.unit.lock));
  expect(again).toEqual({ ok: false, failure: { code: "NOT_IN_SERVICE" } });
  const elsewhere = await decommission(deps(), { ...request(other.unit.lock), tenant: town.tenant + 1 });
  expect(elsewhere).toEqual({ ok: false, failure: { code: "NOT_IN_SERVICE" } });
});

test("the old claim and the old key never open the place again, also after the town is imported anew", async () => {
  const { serial, claim, unit } = await served();
  const done = await decommission(deps(), request(unit.lock));
  if (!done.ok) throw new InvariantError(done.failure.code);
  expect(await commissionUnit({ serial, claim })).toBe("CLAIM_REFUSED");
  const imported = await importWorld(
    { ...common(), sealing: town.sealing, endSessions: createEndSessions(systemClock) },
    worldText({ ...town.world, tenant: { ...town.world.tenant, name: "Fjordby, once more" } }),
  );
  expect(imported.ok).toBe(true);
  expect(await commissionUnit({ serial, claim })).toBe("CLAIM_REFUSED");
  expect(await commissionUnit({ serial, claim: done.value.claim })).toMatchObject({ lock: unit.lock });
});

test("a broker that can't be told now does not keep the unit in service", async () => {
  const { unit } = await served();
  const withdrawCredential = (): Promise<void> => Promise.reject(new InvariantError("no disk"));
  expect((await decommission(deps({ withdrawCredential }), request(unit.lock))).ok).toBe(true);
  expect((await unitsInService(town.database.tables, [unit.lock])).length).toBe(0);
});
