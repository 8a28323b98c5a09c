import type { PhoneResult } from "./phone.ts";

/** How often a person presses *open* at one door before calling somebody. */
export const PRESSES_MAX = 3;
/** Between two presses a person looks at the door, in milliseconds. Never scaled: a door takes its time. */
export const LOOK_MS = { min: 8_000, max: 25_000 } as const;
/** How often a phone sends one press again when it got no answer; the key is the same, so the door can't open twice. */
export const RESENDS_MAX = 3;
/** First pause before sending again, in milliseconds; doubled each time. */
export const RESEND_FIRST_MS = 1_000;
/** Longest pause that the hub may ask of a phone at a door, in milliseconds; above it the person gives up. */
export const RETRY_AFTER_MS_MAX = 30_000;

/** What a person does next. `sendAgain`: the same press, the same key. `pressAgain`: a new press, a new key. */
export type NextStep = "enter" | "leave" | "sendAgain" | "pressAgain" | "signIn";

const SESSION_ENDED: ReadonlySet<string> = new Set(["SESSION_EXPIRED", "UNAUTHENTICATED"]);
/** Failures that a person tries again; every other refusal is final. */
const PASSING: ReadonlySet<string> = new Set(["LOCK_OFFLINE", "INDEX_STALE"]);

/** Reads the answer to one press. */
export function nextStep(result: PhoneResult<string>): NextStep {
  if (result.ok) return result.value.toUpperCase() === "OPENED" ? "enter" : "pressAgain";
  const { code, isAway } = result.failure;
  if (SESSION_ENDED.has(code)) return "signIn";
  if (isAway || code === "JOURNAL_UNAVAILABLE") return "sendAgain";
  return PASSING.has(code) ? "pressAgain" : "leave";
}
