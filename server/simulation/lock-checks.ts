import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { FlashRecord } from "../../lock-sim/firmware/record.ts";
import { Flash } from "../../lock-sim/firmware/flash.ts";
import { readWitness, type WitnessedRun } from "../../lock-sim/physics/witness.ts";
import { unframeAll } from "../../lock-sim/storage/frame.ts";
import type { Sql } from "../kernel/database.ts";
import { PortnerError } from "../kernel/errors.ts";
import type { JournalLine } from "./journal-checks.ts";
import { pollUntil } from "./poll.ts";
import type { RunningTown } from "./running-town.ts";

/** Postgres stamps an entry in microseconds, the witness a run in whole milliseconds, both by this machine's clock. */
const STAMP_TOLERANCE_MS = 1;

/** A lock of a town, by all its names. */
export interface TownLock {
  readonly serial: string;
  /** Key in the database. */
  readonly lock: number;
  readonly publicId: string;
  readonly unit: number;
  readonly unitId: string;
}

/** The town's locks in service, by serial. */
export async function townLocks(sql: Sql): Promise<readonly TownLock[]> {
  return sql<TownLock[]>`
    SELECT l.serial, l.id AS lock, l.public_id AS "publicId", u.id AS unit, u.public_id AS "unitId"
    FROM lock l JOIN lock_unit u ON u.lock = l.id AND u.decommissioned_at IS NULL ORDER BY l.serial`;
}

/** Every motor run the world has seen at a lock, oldest first. */
export function runsOf(town: RunningTown, serial: string): Promise<readonly WitnessedRun[]> {
  return readWitness(join(town.state, "locks", serial, "world.log"));
}

/** How often the motor ran for each command, over all locks. */
export async function runsByCommand(town: RunningTown): Promise<ReadonlyMap<string, number>> {
  const runs = new Map<string, number>();
  for (const { serial } of town.world.locks) {
    for (const { cmd } of await runsOf(town, serial)) if (cmd !== undefined) runs.set(cmd, (runs.get(cmd) ?? 0) + 1);
  }
  return runs;
}

const Numbered = z.looseObject({ boot: z.int(), sequence: z.int() });
const Event = z.looseObject({ boot: z.int(), seq: z.int(), kind: z.string() });

/** An event as a lock wrote it. */
type WrittenEvent = z.infer<typeof Event>;

/** Events on a lock's flash, oldest first; also while a simulator is writing it. */
export async function writtenEvents(town: RunningTown, serial: string): Promise<readonly WrittenEvent[]> {
  const { records } = unframeAll(await readFile(flashOf(town, serial)));
  return records
    .map((record) => FlashRecord.parse(record))
    .flatMap((record) => ("event" in record ? [Event.parse(record.event)] : []));
}

/** How many events a lock keeps because nobody has acknowledged them; also while a simulator is writing. */
export async function unacknowledged(town: RunningTown, serial: string): Promise<number> {
  const { records } = unframeAll(await readFile(flashOf(town, serial)));
  const acknowledged = records.map((record) => FlashRecord.parse(record)).findLast((record) => record.t === "ack");
  const events = await writtenEvents(town, serial);
  return events.filter(({ boot, seq }) => isBehind({ boot, seq }, acknowledged)).length;
}

interface Place {
  readonly boot: number;
  readonly seq: number;
}

function isBehind(place: Place, acknowledged: Place | undefined): boolean {
  if (acknowledged === undefined || place.boot > acknowledged.boot) return true;
  return place.boot === acknowledged.boot && place.seq > acknowledged.seq;
}

function flashOf(town: RunningTown, serial: string): string {
  return join(town.state, "locks", serial, "flash.log");
}

/** Waits until the journal has every event that locks have made; throws `NOT_DRAINED` with the locks that keep some. */
export async function untilDrained(town: RunningTown, withinMs: number): Promise<void> {
  const sql = town.db.database.raw;
  let behind: string[] = [];
  const drained = await pollUntil(async () => {
    const rows = await sql<{ serial: string; boot: number; seq: number }[]>`
      SELECT DISTINCT ON (l.serial) l.serial, b.boot, b.contiguous_sequence::float8 AS seq
      FROM lock l JOIN lock_unit u ON u.lock = l.id JOIN lock_boot b ON b.unit = u.id ORDER BY l.serial, b.boot DESC`;
    const taken = new Map(rows.map((row) => [row.serial, row]));
    behind = [];
    for (const { serial } of town.world.locks) {
      const last = (await writtenEvents(town, serial)).at(-1);
      const row = taken.get(serial);
      if (last !== undefined && (row?.boot !== last.boot || row.seq < last.seq)) behind.push(serial);
    }
    return behind.length === 0;
  }, withinMs);
  if (!drained) throw new PortnerError("NOT_DRAINED", `nobody took what these locks keep: ${behind.join(", ")}`);
}

/**
 * What is wrong between the locks' own memories and the journal: an event that the journal has twice, out of order, or
 * not at all although the lock does not keep it any more. The simulator must have ended.
 */
export async function faultsOfEvents(town: RunningTown, journal: readonly JournalLine[]): Promise<string[]> {
  const faults: string[] = [];
  const byUnit = Map.groupBy(
    journal.filter(({ kind, unit }) => kind.startsWith("lock.") && unit !== null),
    ({ unit }) => unit,
  );
  for (const { serial, unit } of await townLocks(town.db.database.raw)) {
    const { recorded, misplaced } = recordedEvents(byUnit.get(unit) ?? []);
    faults.push(...misplaced.map((fault) => `${serial}: ${fault}`));
    const written = await writtenEvents(town, serial);
    const flash = await Flash.open(flashOf(town, serial));
    const kept = new Set([...flash.ring.kept()].map((text) => placeOf(Event.parse(JSON.parse(text)))));
    await flash.close();
    for (const event of written) {
      const place = placeOf(event);
      const stands = recorded.get(place);
      if (stands === undefined && kept.has(place)) continue;
      const expected = event.kind === "tamper" ? "lock.tampered" : `lock.${event.kind}`;
      if (stands !== expected) faults.push(`${serial}: event ${place} \`${event.kind}\` stands as \`${stands}\``);
    }
  }
  return faults;
}

function placeOf({ boot, seq }: WrittenEvent): string {
  return `${boot}/${seq}`;
}

/** A unit's events as the journal has them, and what is wrong with their order. */
function recordedEvents(lines: readonly JournalLine[]) {
  const recorded = new Map<string, string>();
  const misplaced: string[] = [];
  let last = { boot: 0, sequence: 0 };
  for (const { seq, kind, data } of lines) {
    const numbered = Numbered.safeParse(data).data;
    if (numbered === undefined) continue;
    const { boot, sequence } = numbered;
    const follows = boot === last.boot ? sequence === last.sequence + 1 : boot > last.boot && sequence === 1;
    if (!follows) misplaced.push(`${boot}/${sequence} at entry ${seq} follows ${last.boot}/${last.sequence}`);
    recorded.set(`${boot}/${sequence}`, kind);
    last = { boot, sequence };
  }
  return { recorded, misplaced };
}

/**
 * What is wrong between the world and the journal: a motor run without an entry that allowed it and was durable before,
 * or two runs for one command. The world is believed, not the lock.
 */
export async function faultsOfMotion(town: RunningTown, journal: readonly JournalLine[]): Promise<string[]> {
  const faults: string[] = [];
  const authorised = new Map<string, JournalLine>();
  const accepted = new Map<string, JournalLine>();
  for (const line of journal) {
    if (line.command === null) continue;
    if (line.kind === "command.authorised") authorised.set(line.command, line);
    if (line.kind === "lock.accepted") accepted.set(line.command, line);
  }
  for (const { serial, lock } of await townLocks(town.db.database.raw)) {
    const moved = new Set<string>();
    for (const { cmd, cause, at } of await runsOf(town, serial)) {
      if (cause === "relock") continue;
      if (cmd === undefined) faults.push(`${serial}: moved for \`${cause}\``);
      if (cmd === undefined) continue;
      if (moved.has(cmd)) faults.push(`${serial}: moved twice for ${cmd}`);
      moved.add(cmd);
      const allowed = authorised.get(cmd);
      const taken = accepted.get(cmd);
      if (allowed?.lock !== lock) faults.push(`${serial}: moved for ${cmd}, which nothing allowed here`);
      else if (allowed.recordedAt > at + STAMP_TOLERANCE_MS) faults.push(`${serial}: moved before ${cmd} was durable`);
      if (taken === undefined || (allowed !== undefined && taken.seq < allowed.seq)) {
        faults.push(`${serial}: ${cmd} was not accepted after it was allowed`);
      }
    }
  }
  return faults;
}
