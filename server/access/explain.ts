import type { Decision } from "@portner/schema/access";
import { credentialChain, remoteChain, type Chain, type Step } from "./chain.ts";
import {
  decisionOf,
  isTooOld,
  staleDenial,
  type CredentialQuestion,
  type DecisionGround,
  type RemoteQuestion,
} from "./decide.ts";

/** A link of the chain behind a decision, for those with the right to see it. */
export type DecisionStep = Step;

/** A decision with the chain that it was read from. */
export interface Explanation {
  readonly decision: Decision;
  /** In the order of the checks. Facts that are too old explain nothing: then the only step says so. */
  readonly steps: readonly DecisionStep[];
}

/** Explains what `decide` says to the same question. */
export function explain(ground: DecisionGround, question: CredentialQuestion): Explanation {
  return explained(ground, question, () => credentialChain(ground.facts, question));
}

/** Explains what `decideRemote` says to the same question. */
export function explainRemote(ground: DecisionGround, question: RemoteQuestion): Explanation {
  return explained(ground, question, () => remoteChain(ground.facts, question));
}

function explained(
  ground: DecisionGround,
  { minRevision }: Pick<CredentialQuestion, "minRevision">,
  chainOf: () => Chain,
): Explanation {
  if (isTooOld(ground, minRevision)) {
    return { decision: staleDenial(ground), steps: [{ reason: "INDEX_STALE", passed: false }] };
  }
  const chain = chainOf();
  const steps: readonly DecisionStep[] = [{ reason: "INDEX_STALE", passed: true }, ...chain.steps];
  return { decision: decisionOf(ground, chain), steps };
}
