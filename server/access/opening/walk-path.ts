import type { Clock } from "../../kernel/clock.ts";
import type { HotItem, Recorder } from "../../journal/index.ts";
import { type AllowedCommand, type CommandTracker, type Dispatcher, type LockRegistry } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import type { PathDecision } from "../decide-path.ts";
import { decide, decideRemote } from "../decide.ts";
import { commandFor } from "./command-for.ts";
import { DOOR_MS_MAX, endingItem, stopOf, type StopCause } from "./ending.ts";
import { commandEntry, commandRow, endedBy } from "./entries.ts";
import type { OpenRequest } from "./request.ts";

/** Decisions on a next door made anew because a revocation came in between. */
const DECISIONS_MAX = 3;
const CATCH_UP_MS = 1_000;

/** How long an opening waits while the index is read anew, as after an import: seconds where there are a million rights. */
export const READ_ANEW_MS_MAX = 5_000;

/** What walking a path works with. */
export interface WalkDeps {
  readonly clock: Clock;
  readonly index: AccessIndex;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly dispatcher: Dispatcher;
  readonly tracker: CommandTracker;
}

/** An allowed operation whose first command is durable. */
export interface Walk {
  readonly request: OpenRequest;
  readonly decision: Extract<PathDecision, { outcome: "allow" }>;
  readonly first: AllowedCommand;
}

/**
 * Opens the doors of an operation from the street inwards, the next on evidence of the one before. A door that fails
 * stops it, named, and nothing is retried: the carer may go on from there with a new request.
 */
export async function walkPath(deps: WalkDeps, walk: Walk): Promise<void> {
  let stopped = await openOne(deps, walk.first);
  let stoppedAt = walk.decision.doors[0]?.lock ?? null;
  for (let position = 1; position < walk.decision.doors.length && stopped === undefined; position += 1) {
    stoppedAt = walk.decision.doors[position]?.lock ?? null;
    stopped = await openNext(deps, walk, position);
  }
  const ending = { at: deps.clock.now(), stoppedAt: stopped === undefined ? null : stoppedAt, cause: stopped ?? null };
  await deps.recorder.record(endingItem(endedBy(walk.request), ending));
}

async function openOne(deps: WalkDeps, command: AllowedCommand): Promise<StopCause | undefined> {
  await deps.dispatcher.send(command);
  const settled = await deps.tracker.wait(command.id, DOOR_MS_MAX);
  return stopOf(settled?.standing.state ?? "unknown");
}

/** The next door is decided anew: whoever was blocked on the stairs gets no further. */
async function openNext(deps: WalkDeps, walk: Walk, position: number): Promise<StopCause | undefined> {
  const lock = walk.decision.doors[position]?.lock;
  if (lock === undefined) return "denied";
  for (let tries = 0; tries < DECISIONS_MAX; tries += 1) {
    const attempt = await decideNext(deps, walk, { lock, position });
    if (typeof attempt === "object") return openOne(deps, attempt);
    if (attempt !== "again") return attempt;
    await deps.index.refreshed(CATCH_UP_MS);
  }
  return "denied";
}

/** The next door's command, durable; or why there is none. `again`: decide on what the journal knows by now. */
async function decideNext(
  deps: WalkDeps,
  { request }: Walk,
  { lock, position }: { readonly lock: number; readonly position: number },
): Promise<AllowedCommand | StopCause | "again"> {
  if (deps.index.isReadAnew) await deps.index.reached(0, READ_ANEW_MS_MAX);
  if ((await request.opener.reauthorised?.()) === false) return "denied";
  if (!request.opener.stillMay()) return "denied";
  const at = deps.clock.now();
  const decision = decideDoor(deps, request, lock, at);
  if (decision.outcome === "deny") return "denied";
  const command = commandFor(deps, request, { lock, decidedAt: at, revision: decision.revision.sequence });
  if (command === undefined) return "again";
  if (deps.dispatcher.unreachable(command.lock) !== undefined) return "offline";
  const detail = { request, position, basis: decision.basis };
  const item: HotItem = {
    entries: [commandEntry(command, detail)],
    rows: { command: [commandRow(command, detail)] },
    haste: "urgent",
  };
  const recorded = await deps.recorder.record(item);
  if (recorded.outcome === "repeated") return "unknown";
  return recorded.outcome === "stale" ? "again" : command;
}

function decideDoor({ index }: WalkDeps, { opener, minRevision }: OpenRequest, lock: number, at: number) {
  const { asker } = opener;
  return asker.type === "credential"
    ? decide(index, { credential: asker.credential, lock, at, minRevision })
    : decideRemote(index, { person: asker.person, lock, at, minRevision });
}
