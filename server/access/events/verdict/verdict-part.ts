import type { Instant } from "../../../kernel/clock.ts";
import type { LockView } from "../../../locks/index.ts";
import type { Words } from "./moment-words.ts";

/** How a verdict, or a part of it, stands. `unknown`: nothing can be said, which is neither good nor bad. */
export type VerdictTone = "ok" | "soon" | "urgent" | "unknown";

/** What a verdict and its parts are about; the worst first. A closed set. */
export const VERDICT_CODES = [
  "NOT_IN_SERVICE",
  "QUARANTINED",
  "NEVER_HEARD",
  "SILENT",
  "JAMMED",
  "TAMPERED",
  "ATTEMPT_DENIED",
  "ATTEMPT_FAILED",
  "FACTS_UNKNOWN",
  "FACTS_DOUBTFUL",
  "LATE",
  "LOW_BATTERY",
  "CLOCK_UNTRUSTED",
  "EVENTS_LOST",
  "ANSWERS",
  "ATTEMPT_OPENED",
  "ATTEMPT_LONG_AGO",
] as const;
/** See {@link VERDICT_CODES}. */
export type VerdictCode = (typeof VERDICT_CODES)[number];

/** One fact that the verdict rests on. */
export interface VerdictPart extends Words {
  readonly code: VerdictCode;
  readonly tone: VerdictTone;
  /** Since when, or when it happened; null where the hub can't know. */
  readonly since: Instant | null;
}

/** What a lock is judged by. */
export type JudgedLock = Pick<LockView, "at" | "inService" | "quarantinedAt" | "board" | "freshness" | "problems">;
