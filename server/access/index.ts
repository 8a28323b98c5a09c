export { AccessIndex, INDEX_AGE_MS_MAX, loadAccessIndex, type IndexDeps } from "./access-index.ts";
export {
  placeBlock,
  REASON_CHARACTERS_MAX,
  type BlockDeps,
  type BlockFailure,
  type BlockInput,
  type PlacedBlock,
} from "./block.ts";
export * from "./bundles/index.ts";
export { decidePath, type Asker, type PathDecision, type PathQuestion } from "./decide-path.ts";
export { decide, decideRemote, type CredentialQuestion, type DecisionGround, type RemoteQuestion } from "./decide.ts";
export { deniedCredentials, denyDocument, type Denied, type DenyDocument } from "./deny-document.ts";
export { DenyPublisher, type DenyDeps } from "./deny-publisher.ts";
export { explain, explainRemote, type DecisionStep, type Explanation } from "./explain.ts";
export type { AccessFacts } from "./facts.ts";
export { LockInvolvement } from "./involvement.ts";
export { HubHeartbeat, registerHub, type HubDeps } from "./hubs.ts";
export {
  HUB_SEEN_WITHIN_MS,
  reachOfBlock,
  readReach,
  RESIDUAL_LOCKS_MAX,
  type Reach,
  type ReachQuestion,
} from "./reach.ts";
export { findBlocks, findBlocksOn, type StoredBlock } from "./store/blocks.ts";
export { liftBlocks, type LiftDeps, type LiftedBlocks, type LiftFailure, type LiftInput } from "./unblock.ts";
