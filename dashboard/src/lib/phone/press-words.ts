import { DENIAL_GUIDES } from "@portner/schema/access";
import { m } from "#messages";
import type { Language } from "../format/language.ts";
import { stageWords } from "../opening/outcome-words.ts";
import { doorsOf, isEnded } from "../opening/stage.ts";
import type { Tone } from "../ui/tone.ts";
import type { PressState } from "./press.svelte.ts";

/** What a carer is told of a press: how it stands, and what to do. */
export interface PressWords {
  readonly tone: Tone;
  readonly text: string;
  readonly nextStep?: string;
}

/** A press in words; nothing before the first. Unlocked is said only where the locks have said so. */
export function pressWords(state: PressState, language: Language): PressWords | undefined {
  switch (state.kind) {
    case "idle":
      return undefined;
    case "asking":
      return { tone: "neutral", text: m.open_asking() };
    case "unanswered":
      return { tone: "soon", text: m.open_unanswered() };
    case "unknown":
      return { tone: "soon", text: m.open_unknown() };
    case "denied": {
      const [reason] = state.reasons;
      const why = reason === undefined ? "" : DENIAL_GUIDES[reason][language].sentence;
      const nextStep = m.open_next({ step: state.nextStep[language] });
      return { tone: "urgent", text: m.open_denied({ why }).trim(), nextStep };
    }
    case "refused":
      return { tone: "urgent", text: refusedText(state.code) };
    case "followed":
      return followedWords(state);
  }
}

function followedWords({ operation }: Extract<PressState, { kind: "followed" }>): PressWords {
  const doors = doorsOf(operation);
  const opened = doors.filter(({ stage }) => stage === "opened").length;
  if (doors.length > 0 && opened === doors.length) {
    return { tone: "ok", text: doors.length === 1 ? m.open_opened() : m.open_all_opened() };
  }
  if (!isEnded(operation)) {
    const isMoving = doors.some(({ stage }) => stage === "accepted" || stage === "moving");
    return { tone: "neutral", text: isMoving ? m.open_moving() : m.open_sent() };
  }
  const failed = doors.find(({ stage }) => stage !== "opened");
  if (failed?.stage === "unknown" && opened === 0) return { tone: "soon", text: m.open_unknown() };
  const why = failed === undefined ? "" : stageWords(failed).text;
  return { tone: "urgent", text: m.open_stopped({ opened, count: doors.length, why }) };
}

const REFUSALS: Readonly<Record<string, () => string>> = {
  LOCK_OFFLINE: m.open_offline,
  JOURNAL_UNAVAILABLE: m.open_unavailable,
  TIMEOUT: m.open_unavailable,
  HUB_OFFLINE: m.open_unavailable,
  UNAUTHENTICATED: m.open_ended_title,
  SESSION_EXPIRED: m.open_ended_title,
};

function refusedText(code: string): string {
  return REFUSALS[code]?.() ?? m.open_refused({ code });
}

const ENROL_FAILURES: Readonly<Record<string, () => string>> = {
  CODE_UNKNOWN: m.open_enrol_wrong,
  NOT_FOUND: m.open_enrol_wrong,
  INVALID_INPUT: m.open_enrol_wrong,
  TOO_MANY_TRIES: m.open_enrol_too_many,
  BUSY: m.open_enrol_too_many,
  UNREACHABLE: m.open_enrol_away,
  JOURNAL_UNAVAILABLE: m.open_enrol_away,
  TIMEOUT: m.open_enrol_away,
};

/** Why a phone was not enrolled. */
export function enrolText(code: string): string {
  return ENROL_FAILURES[code]?.() ?? m.open_enrol_failed({ code });
}
