import { m } from "#messages";
import { isOutcomeUnknown } from "../graphql/index.ts";
import type { Reach } from "../viewer/pages.ts";

const FAULTS: Readonly<Record<string, () => string>> = {
  TOO_LARGE: m.quarantine_fault_too_large,
  MALFORMED: m.quarantine_fault_malformed,
  WRONG_TYPE: m.quarantine_fault_wrong_type,
  UNKNOWN_LOCK: m.quarantine_fault_unknown_lock,
  WRONG_UNIT: m.quarantine_fault_wrong_unit,
  BAD_SIGNATURE: m.quarantine_fault_bad_signature,
};

/** What was wrong with a message, for people; a code that this page doesn't know stands for itself. */
export function faultText(code: string): string {
  return FAULTS[code]?.() ?? code;
}

const REFUSALS: Readonly<Record<string, () => string>> = {
  RATE_LIMITED: m.ui_rate_limited,
  FORBIDDEN: m.quarantine_refused_forbidden,
  NOT_FOUND: m.quarantine_refused_forbidden,
  NEEDS_SECOND_PERSON: m.quarantine_refused_second_person,
  NOT_QUARANTINED: m.quarantine_refused_not_quarantined,
  OVERTAKEN: m.quarantine_refused_overtaken,
  REASON_MISSING: m.quarantine_reason_missing,
  REASON_TOO_LONG: m.quarantine_reason_too_long,
};

/** Why a quarantine was not ended. */
export function refusalText(code: string): string {
  return REFUSALS[code]?.() ?? (isOutcomeUnknown(code) ? m.quarantine_refused_unknown() : m.quarantine_refused());
}

/** That no lock is in quarantine, of those that the viewer is told of. */
export function noLocksText(reach: Reach): string {
  if (reach === "town") return m.quarantine_locks_none();
  return reach === "own" ? m.quarantine_locks_none_own() : m.quarantine_locks_none_jobs();
}

/** That there are no messages, from those locks whose messages the viewer is shown. */
export function noMessagesText(reach: Reach): string {
  if (reach === "town") return m.quarantine_none();
  return reach === "own" ? m.quarantine_none_own() : m.quarantine_none_jobs();
}
