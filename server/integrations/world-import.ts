import { createHash } from "node:crypto";
import { lineAt, parseWorld, scanLines, WORLD_FAULTS_SHOWN_MAX, type World } from "@portner/schema/world";
import { standingRights } from "../access/index.ts";
import { endedSessionEntries } from "../identity/index.ts";
import { append, newEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Database } from "../kernel/database.ts";
import { InvariantError } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { fail, ok, type Result } from "../kernel/result.ts";
import type { EndSessions } from "../people/index.ts";
import type { LockConflict } from "../places/index.ts";
import { applyWorld, type ApplyDeps } from "./apply-world.ts";
import { endingMany } from "./brake.ts";
import { countsOf, type Ending, type ImportFailure, type ImportReport, type StandingFault } from "./import-report.ts";
import { beginImport } from "./store.ts";

/** What an import needs. */
export interface ImportDeps extends ApplyDeps {
  readonly database: Database;
  readonly hub: string;
  readonly clock: Clock;
  readonly endSessions: EndSessions;
}

/** How to import. */
export interface ImportOptions {
  /** Reports what would change, and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Lets an import through that ends so much that it would be refused: see `endingMany`. */
  readonly endMany?: boolean | undefined;
  /** Marks a tenant that this import makes as the demo's; `serve` refuses such a database. */
  readonly demo?: boolean | undefined;
}

/** Why the transaction was left without anything written. */
type Left =
  | { readonly as: "faulty"; readonly conflicts: readonly LockConflict[] }
  | { readonly as: "running" }
  | { readonly as: "braked"; readonly endings: readonly Ending[] }
  | { readonly as: "unchanged" | "rehearsed"; readonly report: ImportReport };

/**
 * Imports a town: all of it in one transaction, switched by one entry that makes every reader load anew (the sessions of
 * whoever left end with it, and those of whom it changed find their rights anew), or nothing and every fault by line. The file is the whole truth on staff, memberships and what bundles open: who is not named is
 * closed, what is not named ends. Places and locks that are not named stay. The same file again changes nothing and
 * appends no entry. What would end much of what stands is refused unless that is asked for. Blocks stand above every file, and so do persons who were closed in the hub.
 */
export async function importWorld(
  deps: ImportDeps,
  text: string,
  options: ImportOptions = {},
): Promise<Result<ImportReport, ImportFailure>> {
  const reading = parseWorld(text);
  if (!reading.ok) return fail({ code: "WORLD_FAULTY", faults: reading.faults, total: reading.total });
  const { world } = reading;
  const digest = createHash("sha256").update(text, "utf8").digest("hex");
  const done = await writeWorld(deps, world, { ...options, digest });
  switch (done.outcome) {
    case "appended":
      return ok({ ...done.value, sequence: done.sequence });
    case "refused":
      return settleLeft(done.failure, { text, world });
    case "stale":
    case "repeated":
      throw new InvariantError(`the entry of an import was \`${done.outcome}\``);
  }
}

function writeWorld(deps: ImportDeps, world: World, options: ImportOptions & { readonly digest: string }) {
  const { dryRun = false, endMany = false, demo = false, digest } = options;
  return append<ImportReport, Left>(deps, async (tables, allow) => {
    if (!(await beginImport(tables, allow, world.tenant.id))) return { refused: { as: "running" } };
    const moment = { tenant: world.tenant.id, now: deps.clock.now() };
    const before = await standingRights(tables, moment);
    const applied = await applyWorld(deps, tables, { world, demo, now: moment.now });
    if ("conflicts" in applied) return { refused: { as: "faulty", conflicts: applied.conflicts } };
    const { tenant, kinds, closed, moved } = applied;
    const endsMany = endMany ? [] : endingMany(before, await standingRights(tables, moment));
    const report = { tenant: world.tenant.id, dryRun, kinds, endsMany };
    const counts = countsOf(kinds);
    if (Object.keys(counts).length === 0) return { refused: { as: "unchanged", report } };
    if (dryRun) return { refused: { as: "rehearsed", report } };
    if (endsMany.length > 0) return { refused: { as: "braked", endings: endsMany } };
    const persons = moved === undefined ? {} : { persons: [...moved] };
    const data = { operation: newId(deps.random), digest, counts, ...persons };
    const occurredAt = deps.clock.now();
    const entry = newEntry("world.imported", { entryId: newId(deps.random), occurredAt, tenant, data });
    const sessions = closed.length === 0 ? [] : await deps.endSessions(tables, { persons: closed, credentials: [] });
    return { entries: [entry, ...endedSessionEntries(deps, { tenant, sessions, cause: "CLOSED" })], value: report };
  });
}

function settleLeft(
  left: Left,
  file: { readonly text: string; readonly world: World },
): Result<ImportReport, ImportFailure> {
  switch (left.as) {
    case "running":
      return fail({ code: "IMPORT_RUNNING" });
    case "braked":
      return fail({ code: "ENDS_MANY", endings: left.endings });
    case "unchanged":
    case "rehearsed":
      return ok(left.report);
    case "faulty": {
      const faults = standingFaults(left.conflicts, file);
      return fail({ code: "WORLD_FAULTY", faults: faults.slice(0, WORLD_FAULTS_SHOWN_MAX), total: faults.length });
    }
  }
}

const CONFLICTS: Readonly<
  Record<LockConflict["code"], { readonly field: "serial" | "door"; readonly message: string }>
> = {
  SERIAL_TAKEN: { field: "serial", message: "this serial is taken in this database" },
  LOCK_MOVED: { field: "door", message: "this lock stands on another door; it can't be moved by a file" },
  DOOR_TAKEN: { field: "door", message: "another lock stands on this door; it can't be replaced by a file" },
};

function standingFaults(
  conflicts: readonly LockConflict[],
  { text, world }: { readonly text: string; readonly world: World },
): StandingFault[] {
  const { tree } = scanLines(text);
  const indexes = new Map(world.locks.map((lock, index) => [lock.serial, index]));
  const faults = conflicts.map(({ serial, code }): StandingFault => {
    const index = indexes.get(serial) ?? 0;
    const { field, message } = CONFLICTS[code];
    return { line: lineAt(tree, ["locks", index, field]), path: `locks[${index}].${field}`, code, message };
  });
  return faults.toSorted((a, b) => a.line - b.line);
}
