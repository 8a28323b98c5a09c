import type { Clock, Instant } from "../kernel/clock.ts";
import type { LockDirectory, LockPlace } from "./directory/index.ts";
import type { BoardEntry, Freshness, LockFleet } from "./fleet.ts";
import { problemsOf, type LockProblem, type LockProblemCode } from "./lock-problem.ts";
import type { LockRegistry } from "./registry.ts";

/** Where what is shown of locks comes from. */
export interface LockSources {
  readonly clock: Clock;
  readonly directory: LockDirectory;
  readonly registry: Pick<LockRegistry, "byLock">;
  readonly fleet: Pick<LockFleet, "entryOf" | "onChange">;
}

/** A lock as it is shown: its place and what is known of it at one moment. */
export interface LockView {
  readonly place: LockPlace;
  readonly at: number;
  readonly inService: boolean;
  /** Since when it opens for nobody; null while it may. */
  readonly quarantinedAt: Instant | null;
  /** Nothing while no unit of it was ever heard of. */
  readonly board: BoardEntry | undefined;
  readonly freshness: Freshness;
  readonly problems: readonly LockProblem[];
}

/** A lock as of now. */
export function viewOf({ clock, registry, fleet }: LockSources, place: LockPlace): LockView {
  const at = clock.now();
  const registered = registry.byLock(place.lock);
  const board = registered === undefined ? undefined : fleet.entryOf(registered, at);
  const examined = { board, inService: registered !== undefined, quarantinedAt: registered?.quarantinedAt ?? null };
  const freshness = board?.freshness ?? "never";
  return { place, at, ...examined, freshness, problems: problemsOf(examined, at) };
}

/** Which locks a list or a stream shows. What is left out does not narrow. */
export interface LockFilter {
  /** Public ids of locks. */
  readonly lockIds?: readonly string[] | undefined;
  /** Public ids of districts. */
  readonly districtIds?: readonly string[] | undefined;
  /** Public ids of bundles. */
  readonly bundleIds?: readonly string[] | undefined;
  readonly problems?: readonly LockProblemCode[] | undefined;
  readonly freshness?: readonly Freshness[] | undefined;
  /** Words of the address, or a beginning of the serial number; folded by {@link readFilterText}. */
  readonly words?: readonly string[] | undefined;
  readonly serialStart?: string | undefined;
}

/** Whether a place can match at all; cheap, so it is asked first. */
export function placeMatches(filter: LockFilter, place: LockPlace): boolean {
  const { lockIds, districtIds, bundleIds, words, serialStart } = filter;
  if (lockIds !== undefined && !lockIds.includes(place.lockId)) return false;
  if (districtIds !== undefined && (place.districtId === null || !districtIds.includes(place.districtId))) return false;
  if (bundleIds !== undefined && !place.bundleIds.some((bundle) => bundleIds.includes(bundle))) return false;
  if (words === undefined) return true;
  const text = ` ${place.folded}`;
  const bySerial = serialStart !== undefined && place.serial.toUpperCase().startsWith(serialStart);
  return bySerial || (words.length > 0 && words.every((word) => text.includes(` ${word}`)));
}

/** Whether a lock matches by what is known of it now. */
export function viewMatches(filter: LockFilter, view: LockView): boolean {
  const { problems, freshness } = filter;
  if (freshness !== undefined && !freshness.includes(view.freshness)) return false;
  return problems === undefined || view.problems.some(({ code }) => problems.includes(code));
}
