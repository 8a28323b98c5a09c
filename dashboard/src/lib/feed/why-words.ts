import type { RefusalReason } from "@portner/schema/mqtt";
import { m } from "#messages";

const REFUSALS: Readonly<Record<RefusalReason, () => string>> = {
  TOO_LARGE: m.refusal_too_large,
  MALFORMED: m.refusal_malformed,
  RETAINED: m.refusal_retained,
  WRONG_TYPE: m.refusal_wrong_type,
  WRONG_UNIT: m.refusal_wrong_unit,
  WRONG_TENANT: m.refusal_wrong_tenant,
  UNKNOWN_KEY: m.refusal_unknown_key,
  BAD_SIGNATURE: m.refusal_bad_signature,
  LIFE_TOO_LONG: m.refusal_life_too_long,
  NOT_YET_VALID: m.refusal_not_yet_valid,
  EXPIRED: m.refusal_expired,
  CLOCK_UNTRUSTED: m.refusal_clock_untrusted,
  BAD_CHALLENGE: m.refusal_bad_challenge,
  DENIED: m.refusal_denied,
  REPEATED: m.refusal_repeated,
  BELOW_FLOOR: m.refusal_below_floor,
  MEMORY_FULL: m.refusal_memory_full,
  NOT_GRANTED: m.refusal_not_granted,
  BAD_PROOF: m.refusal_bad_proof,
  FLOODED: m.refusal_flooded,
};

/** Why a command was never sent. */
const ABANDONED: Readonly<Record<string, () => string>> = {
  LOCK_OFFLINE: m.remote_detail_lock_offline,
  HUB_OFFLINE: m.remote_detail_hub_offline,
  TOO_LATE: m.remote_detail_too_late,
  DENIED_ANEW: m.remote_detail_denied_anew,
};
const WORDS: Readonly<Record<string, () => string>> = { ...REFUSALS, ...ABANDONED };

/** Why the lock refused, or why a command was never sent: the end of a sentence. A code of a newer hub is named. */
export function whyText(code: string): string {
  return WORDS[code]?.() ?? m.refusal_unknown({ code });
}
