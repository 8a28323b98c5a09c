import type { Basis, DenialReason } from "@portner/schema/access";
import type { AskMessage } from "@portner/schema/mqtt";
import type { Instant } from "../../kernel/clock.ts";
import { derivedId } from "../../kernel/ids.ts";
import { newEntry, type HotItem } from "../../journal/index.ts";
import { expiryOf, subjectOf, type AllowedCommand, type RegisteredLock } from "../../locks/index.ts";
import type { CredentialRow } from "../../people/index.ts";

/** A credential that is shown at a lock. */
export type CredentialAsk = Extract<AskMessage, { kind: "credential" }>;

/** Allowed or refused, a question has one answer: where hubs disagree, the first in the journal is the answer. */
function answerEntryId(lock: RegisteredLock, ask: CredentialAsk): string {
  return derivedId("answered", lock.unitId, ask.challenge, "entry");
}

/** The command that an allowing answer is. Its id derives from the question, so that every hub would give the same. */
export function answerCommand(
  { lock, ask }: { readonly lock: RegisteredLock; readonly ask: CredentialAsk },
  shown: CredentialRow,
  decided: { readonly at: Instant; readonly revision: number },
): AllowedCommand {
  return {
    id: derivedId("answer", lock.unitId, ask.challenge),
    operation: derivedId("answered", lock.unitId, ask.challenge),
    lock,
    op: "open",
    credentialId: shown.publicId,
    generation: shown.generation,
    decidedAt: decided.at,
    revision: decided.revision,
  };
}

/** An allowing answer: the answer itself, and its operation of one door with its command. */
export function allowingItem(
  command: AllowedCommand,
  shown: CredentialRow,
  { ask, basis }: { readonly ask: CredentialAsk; readonly basis: Basis },
): HotItem {
  const { lock, operation, decidedAt, revision, generation } = command;
  const subject = { person: shown.person, credential: shown.id, decidedAtRevision: revision };
  const common = { operation, op: command.op, generation, expiresAt: expiryOf(decidedAt), basis };
  const answer = newEntry("answer.given", {
    ...subjectOf(command, answerEntryId(lock, ask), decidedAt),
    ...subject,
    data: { ...common, challenge: ask.challenge },
  });
  const authorised = newEntry("command.authorised", {
    ...subjectOf(command, derivedId("authorised", command.id), decidedAt),
    ...subject,
    data: { ...common, position: 0 },
  });
  return {
    entries: [answer, authorised],
    rows: { operation: [operationRow(command, shown)], command: [commandRow(command, shown)] },
    haste: "urgent",
  };
}

function operationRow({ operation, lock, decidedAt }: AllowedCommand, shown: CredentialRow): object {
  return {
    id: operation,
    tenant: lock.tenant,
    path: null,
    credential: shown.id,
    person: shown.person,
    account: null,
    via: "door",
    locks: [lock.lock],
    skipped_doors: [],
    outcome: "running",
    created_at: decidedAt,
  };
}

function commandRow({ id, operation, lock, op, decidedAt }: AllowedCommand, shown: CredentialRow): object {
  return {
    id,
    operation,
    position: 0,
    tenant: lock.tenant,
    lock: lock.lock,
    unit: lock.unit,
    op,
    credential: shown.id,
    decided_at: decidedAt,
    expires_at: expiryOf(decidedAt),
  };
}

/** A refusing answer, with every reason found. */
export function refusingItem(
  { lock, ask, credential }: RefusedAsk,
  reasons: readonly DenialReason[],
  occurredAt: Instant,
): HotItem {
  const entry = newEntry("answer.refused", {
    entryId: answerEntryId(lock, ask),
    occurredAt,
    tenant: lock.tenant,
    lock: lock.lock,
    unit: lock.unit,
    door: lock.door,
    credential,
    data: { reasons: [...reasons], challenge: ask.challenge },
  });
  return { entries: [entry] };
}

/** A question that is refused; nobody knows the credential where `credential` is missing. */
export interface RefusedAsk {
  readonly lock: RegisteredLock;
  readonly ask: CredentialAsk;
  readonly credential: number | undefined;
}
