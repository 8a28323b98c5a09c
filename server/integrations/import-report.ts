import type { WorldFault, WorldList } from "@portner/schema/world";
import type { StandingRights } from "../access/index.ts";
import type { Tally } from "../people/index.ts";

/** Everything an import counts: the tenant itself, each list of the file, and which bundles open which paths. */
export type ImportKind = "tenant" | WorldList | "bundlePaths";

/** How much of one kind of rights an import ends. */
export interface Ending {
  readonly kind: keyof StandingRights;
  readonly ended: number;
  /** How many there were. */
  readonly stood: number;
}

/** What an import did, or would do. */
export interface ImportReport {
  /** Public id of the tenant. */
  readonly tenant: string;
  readonly dryRun: boolean;
  /** The entry that switched to the new world; absent in a dry run and when nothing changed. */
  readonly sequence?: number | undefined;
  readonly kinds: Readonly<Record<ImportKind, Tally>>;
  /** For what the same import would be refused; empty outside a dry run, and where ending many is allowed. */
  readonly endsMany: readonly Ending[];
}

/** A fault that only the database can show. */
export interface StandingFault extends Omit<WorldFault, "code"> {
  readonly code: "SERIAL_TAKEN" | "LOCK_MOVED" | "DOOR_TAKEN";
}

/** Why nothing was imported. `total` counts the faults beyond those that are shown, too. */
export type ImportFailure =
  | { readonly code: "WORLD_FAULTY"; readonly faults: readonly (WorldFault | StandingFault)[]; readonly total: number }
  /** It would end more than an import may without being asked. */
  | { readonly code: "ENDS_MANY"; readonly endings: readonly Ending[] }
  | { readonly code: "IMPORT_RUNNING" };

/** The report's counts as the journal keeps them: `locks.created: 1200`, without the zeroes. `unchanged` is left out. */
export function countsOf(kinds: ImportReport["kinds"]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [kind, { created, updated, ended }] of Object.entries(kinds)) {
    for (const [what, count] of Object.entries({ created, updated, ended })) {
      if (count > 0) counts[`${kind}.${what}`] = count;
    }
  }
  return counts;
}
