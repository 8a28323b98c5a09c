import type { Clock } from "../../kernel/clock.ts";
import type { HotItem, Recorder } from "../../journal/index.ts";
import {
  type AllowedCommand,
  type CommandState,
  type CommandTracker,
  type Dispatcher,
  type LockRegistry,
} from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import type { PathDecision } from "../decide-path.ts";
import { decide, decideRemote } from "../decide.ts";
import { commandEntry, commandRow, finishedEntry, type Ending } from "./entries.ts";
import { commandFor } from "./command-for.ts";
import type { OpenRequest } from "./request.ts";

/** A door that said nothing for so long has been settled as unknown by then; longer than a command's evidence takes. */
const DOOR_MS_MAX = 30_000;
/** Decisions on a next door made anew because a revocation came in between. */
const DECISIONS_MAX = 3;
const CATCH_UP_MS = 1_000;

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

type Stop = NonNullable<Ending["cause"]>;

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
  await deps.recorder.record(finishedItem(walk, ending));
}

function finishedItem({ request, first }: Walk, ending: Ending): HotItem {
  const outcome = ending.stoppedAt === null ? "complete" : "partial";
  const row = { id: first.operation, outcome, stopped_at: ending.stoppedAt };
  return { entries: [finishedEntry(request, ending)], rows: { operation_outcome: [row] } };
}

async function openOne(deps: WalkDeps, command: AllowedCommand): Promise<Stop | undefined> {
  await deps.dispatcher.send(command);
  const settled = await deps.tracker.wait(command.id, DOOR_MS_MAX);
  return stopOf(settled?.standing.state ?? "unknown");
}

function stopOf(state: CommandState): Stop | undefined {
  switch (state) {
    case "opened":
    case "done":
      return undefined;
    case "jammed":
    case "rejected":
    case "expired":
    case "abandoned":
      return state;
    default:
      return "unknown";
  }
}

/** The next door is decided anew: whoever was blocked on the stairs gets no further. */
async function openNext(deps: WalkDeps, walk: Walk, position: number): Promise<Stop | undefined> {
  const lock = walk.decision.doors[position]?.lock;
  if (lock === undefined) return "denied";
  for (let tries = 0; tries < DECISIONS_MAX; tries += 1) {
    if (!walk.request.opener.stillMay()) return "denied";
    const at = deps.clock.now();
    const decision = decideDoor(deps, walk.request, lock, at);
    if (decision.outcome === "deny") return "denied";
    const command = commandFor(deps, walk.request, { lock, decidedAt: at, revision: decision.revision.sequence });
    if (command === undefined || deps.dispatcher.unreachable(command.lock) !== undefined) return "offline";
    const detail = { request: walk.request, position, basis: decision.basis };
    const item: HotItem = {
      entries: [commandEntry(command, detail)],
      rows: { command: [commandRow(command, detail)] },
      urgent: true,
    };
    const recorded = await deps.recorder.record(item);
    if (recorded.outcome === "recorded") return openOne(deps, command);
    if (recorded.outcome === "repeated") return "unknown";
    await deps.index.refreshed(CATCH_UP_MS);
  }
  return "denied";
}

function decideDoor({ index }: WalkDeps, { opener, minRevision }: OpenRequest, lock: number, at: number) {
  const { asker } = opener;
  return asker.type === "credential"
    ? decide(index, { credential: asker.credential, lock, at, minRevision })
    : decideRemote(index, { person: asker.person, lock, at, minRevision });
}
