import { createPublicKey } from "node:crypto";
import type { Basis, DenialReason } from "@portner/schema/access";
import { askProofText, CHALLENGE_LIFE_MS, fromBase64url, toBase64url } from "@portner/schema/mqtt";
import type { Recorder } from "../../journal/index.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tables } from "../../kernel/database.ts";
import type { Log } from "../../kernel/log.ts";
import {
  signedBy,
  type AllowedCommand,
  type CommandTracker,
  type Dispatcher,
  type LockRegistry,
  type RegisteredLock,
  type Signer,
  type UntimelyAsk,
} from "../../locks/index.ts";
import type { Publisher } from "../../mqtt/index.ts";
import { credentialByPublicId, type CredentialRow } from "../../people/index.ts";
import type { AccessIndex } from "../access-index.ts";
import { decide, staleDenial } from "../decide.ts";
import { allowingItem, answerCommand, refusingItem, type CredentialAsk, type RefusedAsk } from "./answer-item.ts";
import { decidedUnit } from "./command-for.ts";
import { DOOR_MS_MAX, endingItem, stopOf } from "./ending.ts";

/** A refusal is decided on what the journal said after the question; a question lives ten seconds. */
const CATCH_UP_MS = 3_000;
/** Decisions made anew because a revocation came in between; the question is as good as dead then. */
const DECISIONS_MAX = 3;

/** What answering a credential at the door works with. */
export interface AnswerDeps {
  readonly tables: Tables;
  readonly clock: Clock;
  readonly log: Log;
  readonly index: AccessIndex;
  readonly recorder: Pick<Recorder, "record">;
  readonly registry: LockRegistry;
  readonly signer: Signer;
  readonly publisher: Publisher;
  readonly dispatcher: Dispatcher;
  readonly tracker: CommandTracker;
}

/** A question, and until when its answer can still reach the lock while the challenge lives. */
export interface TimedAsk {
  readonly ask: CredentialAsk;
  /** Monotonic time by which it is decided, or not at all. */
  readonly decideBy: number;
}

interface Asked extends TimedAsk {
  readonly lock: RegisteredLock;
}

/**
 * Answers a credential that was shown at a door. An allowing answer is a command in every respect: durable first, under
 * the guard, sent by the dispatcher within its decision's life or recorded as abandoned, bound to the lock's challenge.
 * Of several hubs one answers. A question that got too old while it was decided is not answered: the journal would say
 * that somebody was let in, and the lock would not.
 */
export async function answerCredential(
  deps: AnswerDeps,
  lock: RegisteredLock,
  timed: TimedAsk,
): Promise<UntimelyAsk | undefined> {
  const asked: Asked = { lock, ...timed };
  const { ask } = timed;
  const shown = await provenCredential(deps.tables, asked);
  if (shown === undefined) return refuse(deps, { ...asked, credential: undefined }, ["CREDENTIAL_UNKNOWN"]);
  for (let tries = 0; tries < DECISIONS_MAX; tries += 1) {
    const verdict = await decideAnswer(deps, asked, shown);
    if (deps.clock.monotonic() > timed.decideBy) return "TOO_OLD";
    if ("reasons" in verdict) return refuse(deps, { ...asked, credential: shown.id }, verdict.reasons);
    const { command, basis } = verdict;
    const recorded = await deps.recorder.record(allowingItem(command, shown, { ask, basis }));
    // Another hub has answered.
    if (recorded.outcome === "repeated") return undefined;
    if (recorded.outcome === "recorded") return open(deps, command, { shown, challenge: ask.challenge });
    await deps.index.refreshed(CATCH_UP_MS);
  }
  deps.log.warn({ lock: lock.lockId }, "a credential at a door was not answered: revocations came faster");
  return undefined;
}

type Verdict =
  | { readonly command: AllowedCommand; readonly basis: Basis }
  | { readonly reasons: readonly [DenialReason, ...DenialReason[]] };

async function decideAnswer(deps: AnswerDeps, asked: Asked, shown: CredentialRow): Promise<Verdict> {
  const first = decideNow(deps, asked, shown);
  if ("command" in first) return first;
  // A hub that has not heard of a new right yet must not refuse before one that has can allow.
  await deps.index.refreshed(CATCH_UP_MS);
  return decideNow(deps, asked, shown);
}

function decideNow(deps: AnswerDeps, asked: Asked, shown: CredentialRow): Verdict {
  const { clock, index } = deps;
  const at = clock.now();
  const { lock, unit } = asked.lock;
  const decision = decide(index, { credential: shown.id, lock, at });
  if (decision.outcome === "deny") return decision;
  // The unit that asks is not the one that the decision is about: it is being swapped.
  if (decidedUnit(deps, lock)?.unit !== unit) return staleDenial(index);
  const command = answerCommand(asked, shown, { at, revision: decision.revision.sequence });
  return { command, basis: decision.basis };
}

async function provenCredential(tables: Tables, { lock, ask }: Asked): Promise<CredentialRow | undefined> {
  const row = await credentialByPublicId(tables, ask.cred);
  const proof = fromBase64url(ask.proof);
  if (row === undefined || proof === undefined || row.tenant !== lock.tenant || row.generation !== ask.gen)
    return undefined;
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64url(row.publicKey) }, format: "jwk" });
  return signedBy(key, askProofText(lock.unitId, ask.challenge), proof) ? row : undefined;
}

async function open(
  deps: AnswerDeps,
  command: AllowedCommand,
  { shown, challenge }: { readonly shown: CredentialRow; readonly challenge: string },
): Promise<undefined> {
  await deps.dispatcher.send(command, challenge);
  // Whoever asked need not wait for the door; should this hub die meanwhile, the sweep ends the operation.
  followToEnd(deps, command, shown).catch((error: unknown) => {
    deps.log.error({ operation: command.operation, error: String(error) }, "an answer was not followed to its end");
  });
}

async function followToEnd(deps: AnswerDeps, command: AllowedCommand, shown: CredentialRow): Promise<void> {
  const settled = await deps.tracker.wait(command.id, DOOR_MS_MAX);
  const cause = stopOf(settled?.standing.state ?? "unknown") ?? null;
  const { operation, lock } = command;
  const { person, id: credential } = shown;
  const about = { operation, tenant: lock.tenant, path: undefined, person, credential, account: undefined };
  const stoppedAt = cause === null ? null : lock.lock;
  await deps.recorder.record(endingItem(about, { at: deps.clock.now(), stoppedAt, cause }));
}

async function refuse(deps: AnswerDeps, asked: RefusedAsk, reasons: readonly DenialReason[]): Promise<undefined> {
  const { lock, ask } = asked;
  const now = deps.clock.now();
  const recorded = await deps.recorder.record(refusingItem(asked, reasons, now));
  if (recorded.outcome !== "recorded") return;
  const message = {
    v: 1 as const,
    kind: "deny" as const,
    tenant: lock.tenantId,
    unit: lock.unitId,
    challenge: ask.challenge,
    exp: now + CHALLENGE_LIFE_MS,
  };
  const payload = deps.signer.sign(lock.tenant, "ans", message);
  await deps.publisher.publish({ tenant: lock.tenantId, lock: lock.lockId, channel: "ans", payload });
}
