import type { Recorder } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { EVIDENCE_MS, unknownItem } from "./dispatch.ts";
import type { LockFleet } from "./fleet.ts";
import { overdueCommands, storeHeard } from "./store.ts";
import { COMMAND_LIFE_MS_MAX } from "@portner/schema/mqtt";

/** Overdue commands settled in one turn; a hub that died leaves at most a few seconds' worth. */
const SWEEP_COMMANDS_MAX = 500;
/** Locks whose last telemetry is stored in one statement. */
const FLUSH_LOCKS_MAX = 1_000;

/** What housekeeping works with. */
export interface SweepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly recorder: Pick<Recorder, "record">;
  readonly fleet: LockFleet;
}

/** Settles commands that a dead hub left open: no evidence came, so their outcome is unknown. Any hub may; once each. */
export async function settleOverdueCommands({ database, clock, recorder }: SweepDeps): Promise<number> {
  const before = new Date(clock.now() - (EVIDENCE_MS - COMMAND_LIFE_MS_MAX));
  const overdue = await overdueCommands(database.tables, before, SWEEP_COMMANDS_MAX);
  const lockOf = (row: (typeof overdue)[number]) => ({
    tenant: row.tenant,
    lock: row.lock,
    unit: row.unit,
    door: row.door,
  });
  await Promise.all(overdue.map((row) => recorder.record(unknownItem({ id: row.id, lock: lockOf(row) }, clock.now()))));
  return overdue.length;
}

/** Stores when locks were last heard and what they last measured. */
export async function storeTelemetry({ database, fleet }: SweepDeps): Promise<void> {
  for (;;) {
    const heard = fleet.takeDirty(FLUSH_LOCKS_MAX);
    if (heard.length === 0) return;
    await storeHeard(database.tables, heard);
  }
}
