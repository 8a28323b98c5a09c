import type { Instant } from "../../../kernel/clock.ts";
import { adviceAfter, attemptWords, type Advice, type Attempt } from "./attempt.ts";
import { findings, type Finding } from "./findings.ts";
import type { Words } from "./moment-words.ts";
import {
  VERDICT_CODES,
  type JudgedLock,
  type VerdictCode,
  type VerdictPart,
  type VerdictTone,
} from "./verdict-part.ts";

/** A failed try weighs on the verdict for this long: whoever stands at the door calls within minutes. */
export const ATTEMPT_WEIGHS_MS = 30 * 60_000;
/** An older try is not told: it is found among the events. */
export const ATTEMPT_TOLD_MS = 24 * 3_600_000;

/** What is the case with a lock, in one or two sentences, and what to do about it. */
export interface LockVerdict extends Words {
  /** The worst fact. */
  readonly code: VerdictCode;
  readonly tone: VerdictTone;
  readonly at: Instant;
  /** Worst first; the last try is among them. */
  readonly parts: readonly VerdictPart[];
  readonly advice: Advice | undefined;
}

/** Judges a lock as of `lock.at`: pure, worst fact first. */
export function verdictOf(lock: JudgedLock, attempt: Attempt | undefined): LockVerdict {
  const { at } = lock;
  const told = attempt !== undefined && at - attempt.at <= ATTEMPT_TOLD_MS ? findingOf(attempt, at) : undefined;
  const [contact, ...others] = findings(lock);
  const found = [contact, ...others, ...(told === undefined ? [] : [told])].toSorted(
    (a, b) => VERDICT_CODES.indexOf(a.code) - VERDICT_CODES.indexOf(b.code),
  );
  const worst = found[0] ?? contact;
  const spoken = spokenOf(found, { contact, told });
  return {
    ...{ code: worst.code, tone: worst.tone, at },
    da: spoken.map(({ da }) => da).join(" "),
    en: spoken.map(({ en }) => en).join(" "),
    parts: found.map(({ code, tone, since, da, en }) => ({ code, tone, since, da, en })),
    advice: found.find(({ advice }) => advice !== undefined)?.advice,
  };
}

/** Whether the lock can be talked to is said in any case, with the worst thing that is not that, and the last try. */
function spokenOf(
  found: readonly Finding[],
  { contact, told }: { readonly contact: Finding; readonly told: Finding | undefined },
): readonly Finding[] {
  const worst = found.find((finding) => finding !== told && finding !== contact);
  const first = worst?.code === "QUARANTINED" ? [worst, contact] : [contact, worst];
  return [...first, told].filter((finding) => finding !== undefined);
}

function findingOf(attempt: Attempt, now: Instant): Finding {
  const { outcome } = attempt.end;
  const words = attemptWords(attempt, now);
  if (outcome === "opened") return { code: "ATTEMPT_OPENED", tone: "ok", since: attempt.at, ...words };
  // A try of this morning that failed is worth telling, but nobody stands at the door any more.
  if (now - attempt.at > ATTEMPT_WEIGHS_MS) {
    return { code: "ATTEMPT_LONG_AGO", tone: "unknown", since: attempt.at, ...words };
  }
  const code = outcome === "denied" ? "ATTEMPT_DENIED" : "ATTEMPT_FAILED";
  const advice = adviceAfter(attempt.end);
  return { code, tone: "urgent", since: attempt.at, ...words, ...(advice && { advice }) };
}
