export { type UntimelyAsk } from "./ask-age.ts";
export { type CommissionDeps, type CommissionFailure, type Commissioned } from "./commission.ts";
export { COMMAND_STATES, type CommandState, type CommandStanding } from "./command-state.ts";
export { type CommandTracker, type TrackedCommand } from "./command-tracker.ts";
export { addressText, byAddress, LockDirectory, type LockPlace } from "./directory/index.ts";
export {
  abandonedEntry,
  expiryOf,
  SIGN_WITHIN_MS,
  subjectOf,
  type AllowedCommand,
  type Dispatcher,
  type Unreachable,
} from "./dispatch.ts";
export { type BoardEntry, type Freshness, type LockFleet } from "./fleet.ts";
export { LockLink, type LockLinkDeps } from "./lock-link.ts";
export { problemsOf, type LockProblemCode } from "./lock-problem.ts";
export { actsFor, authoriseAny, LockRights, type ActsFor, type Belonging, type Involvement } from "./lock-rights.ts";
export { UNKNOWN_LOCK, type LockState } from "./lock-state.ts";
export { type LockView } from "./lock-view.ts";
export { type LockRegistry, type RegisteredLock } from "./registry.ts";
export { type Signer } from "./signer.ts";
export { brokerCredentials } from "./store.ts";
export { signedBy } from "./verify.ts";
