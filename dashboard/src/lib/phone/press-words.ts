import { DENIAL_GUIDES } from "@portner/schema/access";
import { m } from "#messages";
import { ageText } from "../format/age.ts";
import { capital } from "../format/capital.ts";
import type { Language } from "../format/language.ts";
import { timeText } from "../format/time.ts";
import { stageWords } from "../opening/outcome-words.ts";
import { isOverdue, type PressLife } from "../opening/press-life.ts";
import { doorsOf, isOver, type OpeningDoor } from "../opening/stage.ts";
import type { Tone } from "../ui/tone.ts";
import type { PressState } from "./press.svelte.ts";

/** What a carer is told of a press. */
export interface PressWords {
  readonly tone: Tone;
  /** How it stands, in a word or two, to be read at arm's length. */
  readonly title: string;
  /** What that means. */
  readonly text: string;
  /** What to do. */
  readonly nextStep?: string;
}

/** A sound lock throws its bolt again at the soonest so long after it opened: when the door was closed at once. */
export const RELOCKS_AFTER_MS = 10_000;
/** So long after a press its words are history: by then a sound lock has thrown its bolt again, used or not. */
export const OLD_MS = 60_000;

/** When a press is read. */
export interface Read {
  readonly language: Language;
  /** The hub's time, in milliseconds. */
  readonly nowMs: number;
}

/** A press in words; nothing before the first. Unlocked is said only where the locks have said so. */
export function pressWords(state: PressState, read: Read): PressWords | undefined {
  const { language } = read;
  switch (state.kind) {
    case "idle":
      return undefined;
    case "asking":
      return isOverdue(state, read.nowMs)
        ? overdueWords(state, read)
        : { tone: "neutral", title: m.open_word_asking(), text: m.open_asking() };
    case "unanswered":
      return overdueWords(state, read);
    case "unknown":
      return UNKNOWN();
    case "denied": {
      const [reason] = state.reasons;
      return {
        tone: "urgent",
        title: m.open_word_denied(),
        text: reason === undefined ? "" : DENIAL_GUIDES[reason][language].sentence,
        nextStep: m.open_next({ step: state.nextStep[language] }),
      };
    }
    case "refused":
      return { tone: "urgent", title: m.open_word_shut(), text: refusedText(state.code) };
    case "followed":
      return followedWords(state);
  }
}

/** What its age says of a press that ended: that the door may be locked again, where it was open; else that it was then. */
export function agedText({ tone }: Pick<PressWords, "tone">, ageMs: number, language: Language): string | undefined {
  if (tone === "ok" && ageMs >= RELOCKS_AFTER_MS) return m.open_may_be_locked({ age: ageText(ageMs, language) });
  return ageMs > OLD_MS ? m.open_old() : undefined;
}

function overdueWords({ notAfterMs }: PressLife, { nowMs, language }: Read): PressWords {
  const until = { time: timeText(notAfterMs, language) };
  const text = nowMs > notAfterMs ? m.open_counted(until) : m.open_counts(until);
  return { tone: "soon", title: m.open_word_unanswered(), text };
}

const UNKNOWN = (): PressWords => ({ tone: "soon", title: m.open_word_unknown(), text: m.open_unknown() });

function followedWords({ operation, heard }: Extract<PressState, { kind: "followed" }>): PressWords {
  const doors = doorsOf(operation);
  const opened = doors.filter(({ stage }) => stage === "opened").length;
  if (doors.length > 0 && opened === doors.length) {
    const text = doors.length === 1 ? m.open_opened() : m.open_all_opened();
    return { tone: "ok", title: m.open_word_opened(), text };
  }
  if (!isOver(operation)) {
    if (!heard) return { tone: "soon", title: m.open_word_unanswered(), text: m.open_line_lost() };
    return underWayWords(doors, opened);
  }
  const failed = doors.find(({ stage }) => stage !== "opened");
  if (failed?.stage === "unknown" && opened === 0) return UNKNOWN();
  const why = failed === undefined ? "" : capital(stageWords(failed).text);
  return {
    tone: "urgent",
    title: opened === 0 ? m.open_word_shut() : m.open_word_partly({ opened, count: doors.length }),
    text: m.open_stopped({ why }),
    nextStep: failed?.stage === "jammed" ? m.open_next_jammed() : m.open_next_stopped(),
  };
}

/** How the door stands whose turn it is; whoever has unlocked the gate waits before the next one. */
function underWayWords(doors: readonly OpeningDoor[], opened: number): PressWords {
  const current = doors.find(({ stage }) => stage !== "opened");
  const tone = "neutral";
  if (current !== undefined && opened > 0) {
    const title = m.open_word_partly({ opened, count: doors.length });
    return { tone, title, text: m.open_next_door({ stage: stageWords(current).text }) };
  }
  switch (current?.stage) {
    case "accepted":
    case "moving":
      return { tone, title: m.open_word_moving(), text: m.open_moving() };
    case "sent":
      return { tone, title: m.open_word_sent(), text: m.open_sent() };
    default:
      return { tone, title: m.open_word_preparing(), text: m.open_preparing() };
  }
}

const REFUSALS: Readonly<Record<string, () => string>> = {
  RATE_LIMITED: m.ui_rate_limited,
  TOO_LATE: m.open_too_late,
  LOCK_OFFLINE: m.open_offline,
  LOCK_UNREACHABLE: m.open_offline,
  JOURNAL_UNAVAILABLE: m.open_unavailable,
  NOT_FOUND: m.open_gone,
  UNAUTHENTICATED: m.open_ended_title,
  SESSION_EXPIRED: m.open_ended_title,
};

function refusedText(code: string): string {
  return REFUSALS[code]?.() ?? m.open_refused({ code });
}

const ENROL_FAILURES: Readonly<Record<string, () => string>> = {
  CODE_UNKNOWN: m.open_enrol_wrong,
  CODE_USED: m.open_enrol_used,
  NOT_KEPT: m.open_enrol_not_kept,
  CODE_EXPIRED: m.open_enrol_expired,
  TOO_MANY_TRIES: m.open_enrol_too_many,
  PERSON_INACTIVE: m.open_enrol_inactive,
  HOLDER_BLOCKED: m.open_enrol_blocked,
  UNREACHABLE: m.open_enrol_away,
  JOURNAL_UNAVAILABLE: m.open_enrol_away,
  RATE_LIMITED: m.ui_rate_limited,
};

/** Why a phone was not enrolled. */
export function enrolText(code: string): string {
  return ENROL_FAILURES[code]?.() ?? m.open_enrol_failed({ code });
}
