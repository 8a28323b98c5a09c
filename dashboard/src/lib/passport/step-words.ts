import type { DenialReason } from "@portner/schema/access";
import { m } from "#messages";

const STEPS: Readonly<Record<DenialReason, () => string>> = {
  INDEX_STALE: m.why_step_index,
  LOCK_UNKNOWN: m.why_step_lock_known,
  LOCK_NOT_IN_SERVICE: m.why_step_lock_in_service,
  LOCK_QUARANTINED: m.why_step_lock_sound,
  CREDENTIAL_UNKNOWN: m.why_step_device_known,
  CREDENTIAL_BLOCKED: m.why_step_device_not_blocked,
  CREDENTIAL_NOT_YET_VALID: m.why_step_device_begun,
  CREDENTIAL_EXPIRED: m.why_step_device_valid,
  PERSON_BLOCKED: m.why_step_person_not_blocked,
  PERSON_INACTIVE: m.why_step_person_active,
  ORGANISATION_BLOCKED: m.why_step_organisation_not_blocked,
  ORGANISATION_ENDED: m.why_step_organisation_valid,
  BUNDLE_BLOCKED: m.why_step_bundle_not_blocked,
  MEMBERSHIP_NOT_YET_VALID: m.why_step_membership_begun,
  MEMBERSHIP_ENDED: m.why_step_membership_valid,
  NO_BASIS: m.why_step_basis,
};

/** What a check looks at, in a word or two; the tick or cross before it says how it went. */
export function stepText(reason: DenialReason): string {
  return STEPS[reason]();
}
