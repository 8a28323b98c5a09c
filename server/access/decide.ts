import { DENIAL_REASONS, type Decision, type DenialReason } from "@portner/schema/access";
import type { Revision } from "@portner/schema/journal";
import type { Instant } from "../kernel/clock.ts";
import { credentialChain, remoteChain, type Chain } from "./chain.ts";
import type { AccessFacts } from "./facts.ts";

/** What a decision stands on: facts, the revision they were true at, and whether they may still be used. */
export interface DecisionGround {
  readonly facts: AccessFacts;
  readonly revision: Revision;
  /** Whether the facts are too old or doubtful; then everything is denied. */
  isStale(): boolean;
}

/** What every question may ask for. */
export interface Demand {
  /** Time of the decision, in milliseconds since the epoch. */
  readonly at: Instant;
  /** The caller has seen this revision; older facts must not answer. */
  readonly minRevision?: Revision | undefined;
}

/** May this credential open this lock now? */
export interface CredentialQuestion extends Demand {
  readonly credential: number;
  readonly lock: number;
}

/** May this lock be opened for somebody else now? */
export interface RemoteQuestion extends Demand {
  readonly lock: number;
  /** The employee behind the account that asks; null for an account of no employee. */
  readonly person: number | null;
}

/** Whether the ground is too old for a demand. */
export function isTooOld(ground: DecisionGround, minRevision: Revision | undefined): boolean {
  if (ground.isStale()) return true;
  if (minRevision === undefined) return false;
  const { epoch, sequence } = ground.revision;
  return epoch !== minRevision.epoch || sequence < minRevision.sequence;
}

/** Decides for a credential. Pure: the same ground and question always give the same answer, and doubt denies. */
export function decide(ground: DecisionGround, question: CredentialQuestion): Decision {
  if (isTooOld(ground, question.minRevision)) return staleDenial(ground);
  return decisionOf(ground, credentialChain(ground.facts, question));
}

/** Decides on a remote opening. The caller's right to ask at all is not part of it: that is authorisation. */
export function decideRemote(ground: DecisionGround, question: RemoteQuestion): Decision {
  if (isTooOld(ground, question.minRevision)) return staleDenial(ground);
  return decisionOf(ground, remoteChain(ground.facts, question));
}

/** What facts say that are too old: nothing but that. */
export function staleDenial(ground: DecisionGround): Extract<Decision, { outcome: "deny" }> {
  return { outcome: "deny", reasons: ["INDEX_STALE"], revision: ground.revision };
}

/** Sums a chain up: its basis, or every reason found, the most telling first. */
export function decisionOf(ground: DecisionGround, chain: Chain): Decision {
  const { revision } = ground;
  if (chain.basis !== undefined) return { outcome: "allow", basis: chain.basis, revision };
  const found = new Set<DenialReason>(chain.steps.filter((step) => !step.passed).map((step) => step.reason));
  const [first, ...rest] = DENIAL_REASONS.filter((reason) => found.has(reason));
  // No basis and yet no failed step can't be; if it were, it would still be no reason to open.
  return { outcome: "deny", reasons: [first ?? "NO_BASIS", ...rest], revision };
}
