import { sign, type KeyObject } from "node:crypto";
import { seal, signingInput, type EventMessage } from "@portner/schema/mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentOfEntry, Recorder } from "../journal/index.ts";
import { systemClock } from "../kernel/clock.ts";
import { InvariantError, JournalUnavailableError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { silentLog } from "../kernel/log.ts";
import { systemRandom } from "../kernel/random.ts";
import { signedClaim, unitKeyPair } from "../simulation/claim.ts";
import { townDatabase, type TownDatabase } from "../simulation/town.ts";
import { commission } from "./commission.ts";
import { condemn } from "./condemn.ts";
import { LockFleet } from "./fleet.ts";
import { EventIntake } from "./intake.ts";
import { Keyring } from "./keyring.ts";
import { MessageQuarantine } from "./message-quarantine.ts";
import { LockRegistry, type RegisteredLock } from "./registry.ts";
import { storedUnits, unitsInService } from "./store.ts";
import { publicKeyFrom } from "./verify.ts";

const hub = newId(systemRandom);
let town: TownDatabase;
let keyring: Keyring;
let nextSerial = 0;

beforeAll(async () => {
  town = await townDatabase({ locks: 30 });
  keyring = new Keyring();
  await keyring.load(town.database.tables, town.sealing);
});
afterAll(() => town.drop());

/** A commissioned lock with its private key, and a hub's intake that hears it. */
async function heardLock() {
  const { database } = town;
  const pair = unitKeyPair();
  const plan = town.world.locks[nextSerial];
  nextSerial += 1;
  const deps = { database, hub, clock: systemClock, random: systemRandom, keyring };
  const input = signedClaim({ serial: plan?.serial ?? "", claim: plan?.claim ?? "" }, pair);
  const done = await commission({ ...deps, publishCredential: () => Promise.resolve() }, input);
  const units = await unitsInService(database.tables);
  const row = units.find((unit) => done.ok && unit.unitId === done.value.unit);
  if (row === undefined) throw new InvariantError("the lock was not commissioned");
  const { publicKey: raw, quarantinedAt, ...rest } = row;
  const telemetryKey = keyring.telemetryKey(row.tenant, row.unitId);
  const lock: RegisteredLock = {
    ...rest,
    unitKey: publicKeyFrom(raw),
    telemetryKey,
    quarantinedAt: quarantinedAt?.getTime() ?? null,
  };
  return { lock, key: pair.privateKey, ...intakeOf(lock) };
}

/** An intake as a hub has it after a start, with what it acknowledged. */
function intakeOf(lock: RegisteredLock, recorder: Pick<Recorder, "record"> = journal()) {
  const { database } = town;
  const registry = new LockRegistry();
  registry.put(lock);
  const fleet = new LockFleet();
  const acks: string[] = [];
  const quarantine = new MessageQuarantine({ clock: systemClock, log: silentLog, store: () => Promise.resolve() });
  const intake = new EventIntake({
    clock: systemClock,
    log: silentLog,
    recorder,
    registry,
    fleet,
    quarantine,
    acknowledger: { request: (_, { boot, sequence }) => void acks.push(`${boot}.${sequence}`) },
    condemn: (which, cause, at) => condemn({ database, hub, clock: systemClock }, which, { cause, at }),
    recordedContent: (entryId) => contentOfEntry(database.tables, entryId),
    operationOf: () => Promise.resolve(undefined),
    clockTrusted: () => true,
    standingOf: () => undefined,
  });
  return { intake, fleet, acks, quarantine };
}

function journal(): Recorder {
  return new Recorder({ sql: town.database.hot, hub, clock: systemClock });
}

const facts = { bolt: "thrown", latch: "extended", door: "closed" } as const;

function eventOf(lock: RegisteredLock, seq: number, more: object = { kind: "door", door: "open" }): EventMessage {
  const common = { v: 1, unit: lock.unitId, boot: 1, seq, at: Date.now(), clock: { trusted: true, errorMs: 5 } };
  const first = { kind: "restarted", cause: "commissioned", previous: null, facts };
  return { ...common, ...(seq === 1 ? first : more) } as EventMessage;
}

function messageOf(lock: RegisteredLock, event: EventMessage, key: KeyObject) {
  const text = signingInput("evt", lock.unitId, event);
  const payload = seal(text, sign(null, Buffer.from(text, "ascii"), key));
  return {
    tenant: lock.tenantId,
    lock: lock.lockId,
    channel: "evt" as const,
    payload,
    retained: false,
    duplicate: false,
  };
}

async function committed(lock: RegisteredLock): Promise<string[]> {
  const rows = await town.database.raw<
    { kind: string }[]
  >`SELECT kind FROM journal WHERE unit = ${lock.unit} ORDER BY seq`;
  return rows.map((row) => row.kind).filter((kind) => kind.startsWith("lock."));
}

test("events that arrive out of order are committed in order, and only what is committed is acknowledged", async () => {
  const { lock, key, intake, fleet, acks } = await heardLock();
  await intake.take(messageOf(lock, eventOf(lock, 3), key));
  await intake.take(messageOf(lock, eventOf(lock, 2), key));
  expect(await committed(lock)).toEqual([]);
  expect(acks.every((ack) => ack === "0.0")).toBe(true);
  await intake.take(messageOf(lock, eventOf(lock, 1), key));
  await intake.take(messageOf(lock, eventOf(lock, 2), key));
  await intake.take(messageOf(lock, eventOf(lock, 3), key));
  expect(await committed(lock)).toEqual(["lock.restarted", "lock.door", "lock.door"]);
  expect(acks.at(-1)).toBe("1.3");
  expect(fleet.entryOf(lock, Date.now())?.state.door.value).toBe("open");
});

test("what a foreign key signed, or names another unit, is counted and changes nothing", async () => {
  const { lock, key, intake, quarantine } = await heardLock();
  const other = await heardLock();
  await intake.take(messageOf(lock, eventOf(lock, 1), other.key));
  await intake.take({ ...messageOf(other.lock, eventOf(other.lock, 1), other.key), lock: lock.lockId });
  await intake.take({ ...messageOf(lock, eventOf(lock, 1), key), lock: "lock-nobody-knows" });
  expect([...quarantine.counts()]).toEqual([
    ["evt:BAD_SIGNATURE", 1],
    ["evt:WRONG_UNIT", 1],
    ["evt:UNKNOWN_LOCK", 1],
  ]);
  expect(await committed(lock)).toEqual([]);
});

test("the same number with another content takes the lock out of service, also after a restart of the hub", async () => {
  const { lock, key, intake } = await heardLock();
  await intake.take(messageOf(lock, eventOf(lock, 1), key));
  await intake.take(messageOf(lock, eventOf(lock, 2), key));
  const restarted = intakeOf(lock);
  restarted.fleet.restore((await storedUnits(town.database.tables)).filter((unit) => unit.unit === lock.unit));
  await restarted.intake.take(messageOf(lock, eventOf(lock, 2, { kind: "tamper", what: "cover" }), key));
  expect(await committed(lock)).toEqual(["lock.restarted", "lock.door", "lock.quarantined"]);
  const [row] = (await unitsInService(town.database.tables, [lock.lock])).map((unit) => unit.quarantinedAt !== null);
  expect(row).toBe(true);
});

test("without the journal nothing is acknowledged, and the same event is committed once it is back", async () => {
  const { lock, key } = await heardLock();
  const away = { record: () => Promise.reject(new JournalUnavailableError("away")) };
  const deaf = intakeOf(lock, away);
  const message = messageOf(lock, eventOf(lock, 1), key);
  await deaf.intake.take(message);
  expect(deaf.acks).toEqual([]);
  const back = intakeOf(lock);
  await back.intake.take(message);
  expect(back.acks).toEqual(["1.1"]);
  expect(await committed(lock)).toEqual(["lock.restarted"]);
});

test("two hubs that hear the same event write it once, and both acknowledge it", async () => {
  const { lock, key, intake, acks } = await heardLock();
  const second = intakeOf(lock);
  const message = messageOf(lock, eventOf(lock, 1), key);
  await Promise.all([intake.take(message), second.intake.take(message)]);
  expect(await committed(lock)).toEqual(["lock.restarted"]);
  expect([acks, second.acks]).toEqual([["1.1"], ["1.1"]]);
});
