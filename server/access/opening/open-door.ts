import type { DenialReason } from "@portner/schema/access";
import { pause, type Clock, type Instant } from "../../kernel/clock.ts";
import { InvariantError, JournalUnavailableError } from "../../kernel/errors.ts";
import type { Tables } from "../../kernel/database.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { fail, ok, type Result } from "../../kernel/result.ts";
import { contentOfEntry, JOURNAL_AWAY_MS, setApart, type Recorder } from "../../journal/index.ts";
import {
  SIGN_WITHIN_MS,
  type AllowedCommand,
  type CommandTracker,
  type Dispatcher,
  type LockRegistry,
} from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { decidePath, type PathDecision } from "../decide-path.ts";
import { decide, decideRemote, staleDenial } from "../decide.ts";
import { authorisedItem, deniedItem } from "./entries.ts";
import { commandFor } from "./command-for.ts";
import type { OperationFeed } from "./operation-feed.ts";
import { bodyDigest, openingEntryId, operationIdOf, type OpenRequest } from "./request.ts";
import { READ_ANEW_MS_MAX, walkPath, type Walk } from "./walk-path.ts";

/** Decisions made anew because a revocation came in between; five in a row means that something storms. */
const DECISIONS_MAX = 5;
/** How long to wait for the index to see a revocation that the journal knows. */
const CATCH_UP_MS = 1_000;
/** Decisions on a door whose unit this hub has not finished learning of; then the facts are too old to open on. */
const UNIT_TRIES_MAX = 3;

/** Whoever pressed stands at the door; one that opens later than this opens for nobody. */
export const DECIDED_WITHIN_MS = 6_000;

/**
 * So long after `notAfter` no request of the same press opens any more: what was decided in time on another way, perhaps
 * on a hub whose clock is two seconds behind, is signed by then or never.
 */
const OPENS_NO_MORE_MS = SIGN_WITHIN_MS + 2_000;

/** Why nothing was opened. */
export type OpenFailure =
  | { readonly code: "DENIED"; readonly operation: string; readonly reasons: readonly DenialReason[] }
  | { readonly code: "LOCK_OFFLINE"; readonly operation: string }
  | { readonly code: "KEY_REUSED" }
  /** The press counted until `notAfter`, and nothing had been decided on it by then; nothing will be. */
  | { readonly code: "TOO_LATE" }
  /** The session, or the right to open for others there, ended while the request was under way. */
  | { readonly code: "SESSION_ENDED" };

/** What opening works with. */
export interface OpenDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly index: AccessIndex;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly dispatcher: Dispatcher;
  readonly tracker: CommandTracker;
  readonly operations: OperationFeed;
}

/** An operation that has begun, or had begun before under the same key. */
export interface OpenedOperation {
  readonly operation: string;
  readonly repeated: boolean;
  /**
   * Settles when the last door has answered or nobody waits for it any more. For a repetition at once: whoever follows
   * the first one may be on another hub, so its end is heard of in `operations`.
   */
  readonly finished: Promise<void>;
}

/**
 * Opens a lock or a path for somebody: decided from memory, durable in the journal under the guard, then signed and
 * sent, once. A second call with the same key finds the first one's operation. Rejects with JournalUnavailableError when
 * the journal can't be written: then nothing was sent. After `notAfter` it begins nothing, and still finds what has begun.
 */
export async function openDoor(deps: OpenDeps, request: OpenRequest): Promise<Result<OpenedOperation, OpenFailure>> {
  const since = deps.clock.monotonic();
  for (let tries = 1; tries <= DECISIONS_MAX; tries += 1) {
    if (deps.index.isReadAnew) await deps.index.reached(0, READ_ANEW_MS_MAX);
    if (deps.clock.monotonic() - since > DECIDED_WITHIN_MS) break;
    if ((await request.opener.reauthorised?.()) === false) return fail({ code: "SESSION_ENDED" });
    // A revocation of the session itself is one of those that make a decision stale.
    if (!request.opener.stillMay()) return fail({ code: "SESSION_ENDED" });
    const at = deps.clock.now();
    if (isTooLate(request, at)) return begunInTime(deps, request, at);
    const decision = decideTarget(deps, request, at);
    const first = decision.outcome === "deny" ? undefined : firstCommand(deps, request, decision, at);
    let attempt: Attempt = "again";
    if (decision.outcome === "deny") attempt = await deny(deps, request, decision, at);
    else if (first !== undefined) attempt = await authoriseFirst(deps, { request, decision, first });
    else if (tries >= UNIT_TRIES_MAX) {
      attempt = await deny(deps, request, { ...staleDenial(deps.index), refusedLock: firstLock(decision) }, at);
    }
    if (attempt !== "again") return attempt;
    // The journal refused: it knows a revocation that this hub's index has not seen yet. Or a lock is being swapped.
    await deps.index.refreshed(CATCH_UP_MS);
  }
  throw new JournalUnavailableError("what is known changed faster than a decision; nothing was opened");
}

/** Says at once what each question to a silent Postgres would only say after seconds, one after the other. */
export function refuseWithoutJournal({ index }: Pick<OpenDeps, "index">): void {
  const isAway = index.ageMs() >= JOURNAL_AWAY_MS && !index.isReadAnew;
  if (isAway) throw new JournalUnavailableError("the journal can't be read; nothing is begun");
}

type Attempt = Result<OpenedOperation, OpenFailure> | "again";

async function deny(
  deps: OpenDeps,
  request: OpenRequest,
  decision: Extract<PathDecision, { outcome: "deny" }>,
  at: number,
): Promise<Attempt> {
  const recorded = await deps.recorder.record(deniedItem(request, decision, at));
  if (recorded.outcome === "repeated") return repeatedOr(recorded.content, request);
  return fail({ code: "DENIED", operation: operationIdOf(request), reasons: decision.reasons });
}

async function authoriseFirst(deps: OpenDeps, walk: Walk): Promise<Attempt> {
  const { request, decision, first } = walk;
  const offline = deps.dispatcher.unreachable(first.lock);
  const { reason, opener } = request;
  const text = reason === undefined ? undefined : setApart(deps.random, opener.tenant, reason);
  const recorded = await deps.recorder.record(authorisedItem(request, { decision, first, offline }, text));
  switch (recorded.outcome) {
    case "stale":
      deps.log.info(
        { operation: first.operation },
        "decided anew: the journal knows a revocation that this hub did not",
      );
      return "again";
    case "repeated":
      return repeatedOr(recorded.content, request);
    case "recorded":
      if (offline !== undefined) return fail({ code: "LOCK_OFFLINE", operation: first.operation });
      return ok({ operation: first.operation, repeated: false, finished: begin(deps, walk) });
  }
}

function firstCommand(
  deps: OpenDeps,
  request: OpenRequest,
  decision: Walk["decision"],
  decidedAt: number,
): AllowedCommand | undefined {
  const revision = decision.revision.sequence;
  return commandFor(deps, request, { lock: firstLock(decision), decidedAt, revision });
}

function begin(deps: OpenDeps, walk: Walk): Promise<void> {
  return walkPath(deps, walk).catch((error: unknown) => {
    deps.log.error({ operation: walk.first.operation, error: String(error) }, "an opening was not followed to its end");
  });
}

function repeatedOr(content: string | null, request: OpenRequest): Result<OpenedOperation, OpenFailure> {
  if (content !== bodyDigest(request)) return fail({ code: "KEY_REUSED" });
  return ok({ operation: operationIdOf(request), repeated: true, finished: Promise.resolve() });
}

function isTooLate({ notAfter }: OpenRequest, at: Instant): boolean {
  return notAfter !== undefined && at > notAfter;
}

/** What the same press began in time, if it did; else that it opens nothing, which is only said once that is certain. */
async function begunInTime(
  { tables, clock, log }: OpenDeps,
  request: OpenRequest,
  at: Instant,
): Promise<Result<OpenedOperation, OpenFailure>> {
  const find = () => contentOfEntry(tables, openingEntryId(request));
  const waitMs = (request.notAfter ?? 0) + OPENS_NO_MORE_MS - at;
  let content = await find();
  if (content === undefined && waitMs > 0) {
    await pause(clock, waitMs);
    content = await find();
  }
  if (content !== undefined) return repeatedOr(content, request);
  log.info({ operation: operationIdOf(request) }, "a press came too late, and nothing was opened");
  return fail({ code: "TOO_LATE" });
}

/** One decision over everything the target has: a lock alone is a path of one door. */
function decideTarget(deps: OpenDeps, { target, opener, minRevision }: OpenRequest, at: number): PathDecision {
  const { index } = deps;
  const { asker } = opener;
  if ("path" in target) return decidePath(index, { path: target.path, asker, at, minRevision });
  const { lock } = target;
  const decision =
    asker.type === "credential"
      ? decide(index, { credential: asker.credential, lock, at, minRevision })
      : decideRemote(index, { person: asker.person, lock, at, minRevision });
  if (decision.outcome === "deny") return { ...decision, refusedLock: lock };
  const door = index.facts.locks.get(lock)?.door ?? 0;
  const { basis, revision } = decision;
  return { outcome: "allow", doors: [{ door, lock, basis }], skippedDoors: [], basis, revision };
}

function firstLock(decision: Extract<PathDecision, { outcome: "allow" }>): number {
  const first = decision.doors[0];
  if (first === undefined) throw new InvariantError("a path was allowed that has no lock");
  return first.lock;
}
