import { COMMAND_LIFE_MS_MAX } from "@portner/schema/mqtt";
import { newEntry, recordWhileOpen, type Item } from "../journal/index.ts";
import type { Clock, Instant } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { derivedId } from "../kernel/ids.ts";
import { EVIDENCE_MS } from "./dispatch.ts";
import type { LockFleet } from "./fleet.ts";
import { overdueCommands, storeHeard } from "./store.ts";

/** Overdue commands settled in one turn; a hub that died leaves at most a few seconds' worth. */
const SWEEP_COMMANDS_MAX = 500;
/** Locks whose last telemetry is stored in one statement. */
const FLUSH_LOCKS_MAX = 1_000;

/** What housekeeping works with. */
export interface SweepDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly hub: string;
  readonly fleet: LockFleet;
}

/**
 * Settles commands that nothing was heard of for too long: their outcome is unknown. Any hub may; once each, and never
 * behind evidence, which may be on its way into the journal while this looks.
 */
export async function settleOverdueCommands({ database, clock, hub }: Omit<SweepDeps, "fleet">): Promise<number> {
  const now = clock.now();
  const before = new Date(now - (EVIDENCE_MS - COMMAND_LIFE_MS_MAX));
  const overdue = await overdueCommands(database.tables, before, SWEEP_COMMANDS_MAX);
  return recordWhileOpen(
    { sql: database.hot, hub },
    overdue.map((row) => unknownItem(row, now)),
  );
}

function unknownItem({ id, tenant, lock, unit, door }: OverdueCommand, occurredAt: Instant): Item {
  const subject = { entryId: derivedId("unknown", id), occurredAt, tenant, lock, unit, door, command: id };
  const row = { id, state: "unknown", detail: null, settled: true };
  return { entries: [newEntry("command.unknown", { ...subject, data: {} })], rows: { command_state: [row] } };
}

type OverdueCommand = Awaited<ReturnType<typeof overdueCommands>>[number];

/** Stores when locks were last heard and what they last measured. */
export async function storeTelemetry({ database, fleet }: Pick<SweepDeps, "database" | "fleet">): Promise<void> {
  for (;;) {
    const heard = fleet.takeDirty(FLUSH_LOCKS_MAX);
    if (heard.length === 0) return;
    await storeHeard(database.tables, heard);
  }
}
