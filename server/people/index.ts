export { closePerson, type CloseDeps, type CloseFailure } from "./close-person.ts";
export type { EndSessions } from "./end-sessions.ts";
export { enrolPhone, type EnrolDeps, type EnrolFailure } from "./enrol-phone.ts";
export { CODE_LIFE_MS, issueEnrolmentCode, type IssueFailure } from "./issue-enrolment-code.ts";
export { credentialByPublicId, credentialsByIds, type CredentialRow } from "./store/credentials.ts";
export {
  bulkJson,
  departmentsByIds,
  upsertDepartments,
  upsertDistricts,
  upsertProviders,
  type BulkDeps,
  type DepartmentRow,
  type ProviderRow,
} from "./store/organisation.ts";
export {
  activePersonByUserId,
  personByExternalId,
  personByUserId,
  personsByIds,
  plainId,
  searchPeople,
  upsertPersons,
  type FoundPerson,
  type PersonRow,
  type PersonScope,
} from "./store/persons.ts";
export {
  allTenants,
  insertTenantKeys,
  tenantByPublicId,
  tenantKeys,
  upsertTenant,
  type TenantRow,
} from "./store/tenants.ts";
export { tallyOf, type Tally } from "./tally.ts";
export { makeTenantKeys, openTenantKey, signingKey, type KeyPurpose, type TenantKey } from "./tenant-keys.ts";
