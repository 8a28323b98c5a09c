export { endMembership, type EndFailure } from "./end-membership.ts";
export { grantMembership, type BundleDeps, type GrantFailure, type GrantInput } from "./grant-membership.ts";
export {
  bundlesByIds,
  membershipsOfPersons,
  pathsOfBundles,
  standingRights,
  syncBundlePaths,
  upsertBundles,
  type BundleRow,
  type MembershipRow,
  type Rights,
  type StandingRights,
} from "./store.ts";
export { syncMemberships, type NamedMembership } from "./sync-memberships.ts";
