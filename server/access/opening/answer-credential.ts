import { askProofText, CHALLENGE_LIFE_MS, fromBase64url, type AskMessage } from "@portner/schema/mqtt";
import { createPublicKey } from "node:crypto";
import { toBase64url } from "@portner/schema/mqtt";
import type { DenialReason } from "@portner/schema/access";
import { newEntry, type Recorder } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import { derivedId } from "../../kernel/ids.ts";
import {
  expiryOf,
  signedBy,
  subjectOf,
  type AllowedCommand,
  type RegisteredLock,
  type Signer,
} from "../../locks/index.ts";
import type { Publisher } from "../../mqtt/index.ts";
import { credentialByPublicId, type CredentialRow } from "../../people/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { decide } from "../decide.ts";

type CredentialAsk = Extract<AskMessage, { kind: "credential" }>;

/** A refusal is decided on what the journal said after the question; a question lives ten seconds. */
const CATCH_UP_MS = 3_000;

/** What answering a credential at the door works with. */
export interface AnswerDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly index: AccessIndex;
  readonly recorder: Pick<Recorder, "record">;
  readonly signer: Signer;
  readonly publisher: Publisher;
}

/**
 * Answers a credential that was shown at a door. An allowing answer is a command in every respect: durable first, under
 * the guard, signed within its decision's life, bound to the lock's challenge. Of several hubs one answers.
 */
export async function answerCredential(deps: AnswerDeps, lock: RegisteredLock, ask: CredentialAsk): Promise<void> {
  const shown = await provenCredential(deps.tables, lock, ask);
  const unknown = { outcome: "deny" as const, reasons: ["CREDENTIAL_UNKNOWN" as const], revision: deps.index.revision };
  const question = { credential: shown?.id ?? 0, lock: lock.lock };
  let decidedAt = deps.clock.now();
  let decision = shown === undefined ? unknown : decide(deps.index, { ...question, at: decidedAt });
  if (shown !== undefined && decision.outcome === "deny") {
    // A hub that has not heard of a new right yet must not refuse before one that has can allow.
    await deps.index.refreshed(CATCH_UP_MS);
    decidedAt = deps.clock.now();
    decision = decide(deps.index, { ...question, at: decidedAt });
  }
  if (shown === undefined || decision.outcome === "deny") {
    const reasons = decision.outcome === "deny" ? [...decision.reasons] : [];
    return refuse(deps, { lock, ask, credential: shown?.id }, reasons);
  }
  const command: AllowedCommand = {
    id: derivedId("answer", lock.unitId, ask.challenge),
    operation: derivedId("answered", lock.unitId, ask.challenge),
    lock,
    op: "open",
    credentialId: shown.publicId,
    generation: shown.generation,
    decidedAt,
    revision: decision.revision.sequence,
  };
  const recorded = await deps.recorder.record(allowingItem(command, shown, { ask, basis: decision.basis }));
  // Another hub has answered, or a revocation came in between; the carer shows the credential again.
  if (recorded.outcome !== "recorded") return;
  await publishAnswer(deps, command, ask.challenge);
}

/** Allowed or refused, a question has one answer: where hubs disagree, the first in the journal is the answer. */
function answerEntryId(lock: RegisteredLock, ask: CredentialAsk): string {
  return derivedId("answered", lock.unitId, ask.challenge, "entry");
}

async function provenCredential(
  tables: Tables,
  lock: RegisteredLock,
  ask: CredentialAsk,
): Promise<CredentialRow | undefined> {
  const row = await credentialByPublicId(tables, ask.cred);
  const proof = fromBase64url(ask.proof);
  if (row === undefined || proof === undefined || row.tenant !== lock.tenant || row.generation !== ask.gen)
    return undefined;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64url(row.publicKey) }, format: "jwk" });
  return signedBy(key, askProofText(lock.unitId, ask.challenge), proof) ? row : undefined;
}

function allowingItem(
  command: AllowedCommand,
  shown: CredentialRow,
  {
    ask,
    basis,
  }: { readonly ask: CredentialAsk; readonly basis: Parameters<typeof newEntry<"answer.given">>[1]["data"]["basis"] },
) {
  const { lock, operation, decidedAt, revision, generation } = command;
  const subject = { person: shown.person, credential: shown.id, decidedAtRevision: revision };
  const common = { operation, op: "open" as const, generation, expiresAt: expiryOf(decidedAt), basis };
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
  const operationRow = {
    id: operation,
    tenant: lock.tenant,
    path: null,
    credential: shown.id,
    person: shown.person,
    via: "door",
    locks: [lock.lock],
    skipped_doors: [],
    outcome: "running",
    created_at: decidedAt,
  };
  const commandRow = {
    id: command.id,
    operation,
    position: 0,
    tenant: lock.tenant,
    lock: lock.lock,
    unit: lock.unit,
    op: command.op,
    credential: shown.id,
    decided_at: decidedAt,
    expires_at: expiryOf(decidedAt),
  };
  return {
    entries: [answer, authorised] as const,
    rows: { operation: [operationRow], command: [commandRow] },
    urgent: true,
  };
}

async function publishAnswer(deps: AnswerDeps, command: AllowedCommand, challenge: string): Promise<void> {
  const { lock, id, decidedAt } = command;
  const answer = {
    v: 1 as const,
    kind: "allow" as const,
    id,
    tenant: lock.tenantId,
    unit: lock.unitId,
    op: command.op,
    cred: command.credentialId,
    gen: command.generation,
    iat: decidedAt,
    exp: expiryOf(decidedAt),
    challenge,
    rev: command.revision,
  };
  const payload = await deps.signer.sign(lock.tenant, "ans", answer);
  await deps.publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "ans", payload });
}

async function refuse(
  deps: AnswerDeps,
  asked: { readonly lock: RegisteredLock; readonly ask: CredentialAsk; readonly credential: number | undefined },
  reasons: readonly DenialReason[],
): Promise<void> {
  const { lock, ask, credential } = asked;
  const now = deps.clock.now();
  const entry = newEntry("answer.refused", {
    entryId: answerEntryId(lock, ask),
    occurredAt: now,
    tenant: lock.tenant,
    lock: lock.lock,
    unit: lock.unit,
    door: lock.door,
    credential,
    data: { reasons: [...reasons], challenge: ask.challenge },
  });
  const recorded = await deps.recorder.record({ entries: [entry] });
  if (recorded.outcome !== "recorded") return;
  const { challenge } = ask;
  const message = {
    v: 1 as const,
    kind: "deny" as const,
    tenant: lock.tenantId,
    unit: lock.unitId,
    challenge,
    exp: now + CHALLENGE_LIFE_MS,
  };
  const payload = await deps.signer.sign(lock.tenant, "ans", message);
  await deps.publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "ans", payload });
}
