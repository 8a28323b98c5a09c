import type { DenialReason } from "@portner/schema/access";
import type { Clock } from "../../kernel/clock.ts";
import { InvariantError, JournalUnavailableError } from "../../kernel/errors.ts";
import type { Log } from "../../kernel/log.ts";
import type { Random } from "../../kernel/random.ts";
import { fail, ok, type Result } from "../../kernel/result.ts";
import { setApart, type Recorder } from "../../journal/index.ts";
import type { CommandTracker, Dispatcher, LockRegistry } from "../../locks/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { decidePath, type PathDecision } from "../decide-path.ts";
import { decide, decideRemote } from "../decide.ts";
import { authorisedItem, deniedItem } from "./entries.ts";
import { commandFor } from "./command-for.ts";
import { bodyDigest, operationIdOf, type OpenRequest } from "./request.ts";
import { walkPath, type Walk } from "./walk-path.ts";

/** Decisions made anew because a revocation came in between; five in a row means that something storms. */
const DECISIONS_MAX = 5;
/** How long to wait for the index to see a revocation that the journal knows. */
const CATCH_UP_MS = 1_000;

/** Why nothing was opened. */
export type OpenFailure =
  | { readonly code: "DENIED"; readonly operation: string; readonly reasons: readonly DenialReason[] }
  | { readonly code: "LOCK_OFFLINE"; readonly operation: string }
  | { readonly code: "KEY_REUSED" }
  /** The session ended while the request was under way. */
  | { readonly code: "SESSION_ENDED" };

/** What opening works with. */
export interface OpenDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly index: AccessIndex;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly dispatcher: Dispatcher;
  readonly tracker: CommandTracker;
}

/** An operation that has begun, or had begun before under the same key. */
export interface OpenedOperation {
  readonly operation: string;
  readonly repeated: boolean;
  /** Settles when the last door has answered or nobody waits for it any more; at once for a repetition. */
  readonly finished: Promise<void>;
}

/**
 * Opens a lock or a path for somebody: decided from memory, durable in the journal under the guard, then signed and
 * sent, once. A second call with the same key finds the first one's operation. Rejects with JournalUnavailableError when
 * the journal can't be written: then nothing was sent.
 */
export async function openDoor(deps: OpenDeps, request: OpenRequest): Promise<Result<OpenedOperation, OpenFailure>> {
  for (let tries = 0; tries < DECISIONS_MAX; tries += 1) {
    const attempt = await decideOnce(deps, request);
    if (attempt !== "stale") return attempt;
    // The journal refused: it knows a revocation that this hub's index has not seen yet.
    await deps.index.refreshed(CATCH_UP_MS);
  }
  throw new JournalUnavailableError("revocations came faster than a decision");
}

async function decideOnce(
  deps: OpenDeps,
  request: OpenRequest,
): Promise<Result<OpenedOperation, OpenFailure> | "stale"> {
  // A revocation of the session itself is one of those that make a decision stale.
  if (!request.opener.stillMay()) return fail({ code: "SESSION_ENDED" });
  const at = deps.clock.now();
  const decision = decideTarget(deps, request, at);
  const operation = operationIdOf(request);
  if (decision.outcome === "deny") {
    const recorded = await deps.recorder.record(deniedItem(request, decision, at));
    if (recorded.outcome === "repeated") return repeatedOr(recorded.content, request);
    return fail({ code: "DENIED", operation, reasons: decision.reasons });
  }
  const first = commandFor(deps, request, {
    lock: firstLock(decision),
    decidedAt: at,
    revision: decision.revision.sequence,
  });
  const offline = first === undefined ? "LOCK_OFFLINE" : deps.dispatcher.unreachable(first.lock);
  if (first === undefined) return fail({ code: "LOCK_OFFLINE", operation });
  const { reason, opener } = request;
  const text = reason === undefined ? undefined : setApart(deps.random, opener.tenant, reason);
  const recorded = await deps.recorder.record(authorisedItem(request, { decision, first, offline }, text));
  switch (recorded.outcome) {
    case "stale":
      return "stale";
    case "repeated":
      return repeatedOr(recorded.content, request);
    case "recorded":
      if (offline !== undefined) return fail({ code: "LOCK_OFFLINE", operation });
      return ok({ operation, repeated: false, finished: begin(deps, { request, decision, first }) });
  }
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
