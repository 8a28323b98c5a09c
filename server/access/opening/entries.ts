import type { Basis } from "@portner/schema/access";
import type { Instant } from "../../kernel/clock.ts";
import { derivedId } from "../../kernel/ids.ts";
import { newEntry, type HotItem, type NewEntry, type SideRows, type TextApart } from "../../journal/index.ts";
import { abandonedEntry, expiryOf, subjectOf, type AllowedCommand } from "../../locks/index.ts";
import type { PathDecision } from "../decide-path.ts";
import { endingItem, type EndedOperation } from "./ending.ts";
import { bodyDigest, openingEntryId, operationIdOf, type OpenRequest } from "./request.ts";

type Allowed = Extract<PathDecision, { outcome: "allow" }>;
type Denied = Extract<PathDecision, { outcome: "deny" }>;

function subjects(request: OpenRequest, at: Instant) {
  const { opener, target } = request;
  return {
    entryId: openingEntryId(request),
    occurredAt: at,
    content: bodyDigest(request),
    tenant: opener.tenant,
    path: "path" in target ? target.path : undefined,
    lock: "lock" in target ? target.lock : undefined,
    person: opener.person,
    credential: opener.asker.type === "credential" ? opener.asker.credential : undefined,
    actor: opener.account,
  };
}

function operationRow(request: OpenRequest, at: Instant, more: object): object {
  const { opener, target } = request;
  return {
    id: operationIdOf(request),
    tenant: opener.tenant,
    path: "path" in target ? target.path : null,
    credential: opener.asker.type === "credential" ? opener.asker.credential : null,
    person: opener.person ?? null,
    account: opener.account ?? null,
    via: opener.asker.type === "credential" ? "phone" : "remote",
    created_at: at,
    ...more,
  };
}

/** The entry that one door's command may be signed. */
export function commandEntry(command: AllowedCommand, detail: CommandDetail): NewEntry {
  const { opener } = detail.request;
  return newEntry("command.authorised", {
    ...subjectOf(command, derivedId("authorised", command.id), command.decidedAt),
    path: "path" in detail.request.target ? detail.request.target.path : undefined,
    person: opener.person,
    credential: opener.asker.type === "credential" ? opener.asker.credential : undefined,
    actor: opener.account,
    decidedAtRevision: command.revision,
    data: {
      operation: command.operation,
      position: detail.position,
      op: command.op,
      generation: command.generation,
      expiresAt: expiryOf(command.decidedAt),
      basis: detail.basis,
    },
  });
}

/** What a command's entry says beside the command. */
export interface CommandDetail {
  readonly request: OpenRequest;
  readonly position: number;
  readonly basis: Basis;
}

/** The row of a command. */
export function commandRow(command: AllowedCommand, { request, position }: CommandDetail): object {
  const { asker } = request.opener;
  return {
    id: command.id,
    operation: command.operation,
    position,
    tenant: command.lock.tenant,
    lock: command.lock.lock,
    unit: command.lock.unit,
    op: command.op,
    credential: asker.type === "credential" ? asker.credential : null,
    decided_at: command.decidedAt,
    expires_at: expiryOf(command.decidedAt),
  };
}

/** An allowed operation with its first door's command; with `offline`, that the command will never be sent. */
export function authorisedItem(
  request: OpenRequest,
  allowed: {
    readonly decision: Allowed;
    readonly first: AllowedCommand;
    readonly offline: "LOCK_OFFLINE" | "HUB_OFFLINE" | undefined;
  },
  text: TextApart | undefined,
): HotItem {
  const { decision, first, offline } = allowed;
  const at = first.decidedAt;
  const locks = decision.doors.map((door) => door.lock);
  const skippedDoors = [...decision.skippedDoors];
  const detail: CommandDetail = { request, position: 0, basis: decision.doors[0]?.basis ?? decision.basis };
  const opening = newEntry("opening.authorised", {
    ...subjects(request, at),
    lock: first.lock.lock,
    decidedAtRevision: decision.revision.sequence,
    data: {
      operation: first.operation,
      path: "path" in request.target ? request.target.path : null,
      locks,
      skippedDoors,
      basis: decision.basis,
      reason: text?.reference ?? null,
      body: bodyDigest(request),
    },
  });
  const outcome = offline === undefined ? { outcome: "running" } : { outcome: "partial", stopped_at: first.lock.lock };
  const abandoned =
    offline === undefined
      ? []
      : [
          abandonedEntry(first, offline, at),
          ...endingItem(endedBy(request), { at, stoppedAt: first.lock.lock, cause: "offline" }).entries,
        ];
  const rows: SideRows = {
    operation: [operationRow(request, at, { locks, skipped_doors: skippedDoors, ...outcome })],
    command: [commandRow(first, detail)],
    ...(offline !== undefined && {
      command_state: [{ id: first.id, state: "abandoned", detail: offline, settled: true }],
    }),
    ...(text !== undefined && { journal_text: [text.row] }),
  };
  return { entries: [opening, commandEntry(first, detail), ...abandoned], rows, haste: "urgent" };
}

/** A denied operation: what was asked, and every reason. */
export function deniedItem(request: OpenRequest, decision: Denied, at: Instant): HotItem {
  const locks = decision.refusedLock === null ? [] : [decision.refusedLock];
  const entry = newEntry("opening.denied", {
    ...subjects(request, at),
    lock: decision.refusedLock ?? ("lock" in request.target ? request.target.lock : undefined),
    decidedAtRevision: decision.revision.sequence,
    data: {
      operation: operationIdOf(request),
      path: "path" in request.target ? request.target.path : null,
      locks,
      refusedLock: decision.refusedLock,
      reasons: [...decision.reasons],
      body: bodyDigest(request),
    },
  });
  const row = operationRow(request, at, {
    locks,
    skipped_doors: [],
    outcome: "denied",
    stopped_at: decision.refusedLock,
  });
  return { entries: [entry], rows: { operation: [row] }, haste: "urgent" };
}

/** What the end of a request's operation is about. */
export function endedBy(request: OpenRequest): EndedOperation {
  const { opener, target } = request;
  const { tenant, person, account, asker } = opener;
  return {
    operation: operationIdOf(request),
    tenant,
    path: "path" in target ? target.path : undefined,
    person,
    credential: asker.type === "credential" ? asker.credential : undefined,
    account,
  };
}
