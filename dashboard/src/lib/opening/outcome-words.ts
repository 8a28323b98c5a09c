import { DENIAL_GUIDES } from "@portner/schema/access";
import { m } from "#messages";
import { timeText } from "../format/time.ts";
import type { Language } from "../format/language.ts";
import { whyText } from "../feed/why-words.ts";
import type { Tone } from "../ui/tone.ts";
import type { OpeningOperation } from "./documents.ts";
import type { DoorTimes } from "./door-times.ts";
import type { OpeningState } from "./opening.svelte.ts";
import { isOverdue, type PressLife } from "./press-life.ts";
import { doorsOf, isOver, unopened, type DoorStage, type OpeningDoor } from "./stage.ts";

/** What is said of an opening as a whole. */
export interface OutcomeWords {
  readonly code: "requesting" | "unanswered" | "denied" | "refused" | OperationWords["code"];
  readonly tone: Tone;
  readonly text: string;
  /** What to tell whoever is at the door, where something can be done there. */
  readonly nextStep?: string;
}

interface OperationWords {
  readonly code: "running" | "unknown-here" | "opened" | "stopped" | "unknown";
  readonly tone: Tone;
  readonly text: string;
  readonly nextStep?: string;
}

/** How the page stands to what it shows, and what it knows of the doors. */
export interface Seen {
  readonly isLive: boolean;
  /** The hub has ended the subscription before the opening ended. */
  readonly isLost: boolean;
  readonly nowMs: number;
  readonly language: Language;
  readonly nameOf: (lockId: string) => string;
  readonly timesOf: (door: OpeningDoor) => DoorTimes;
  /** Whether the door's lock is silent. */
  readonly isSilent: (lockId: string) => boolean;
}

/** An opening in a sentence, once the hub was asked; nothing before. */
export function standWords(state: OpeningState, seen: Seen): OutcomeWords | undefined {
  switch (state.kind) {
    case "asking":
    case "confirming":
      return undefined;
    case "requesting":
      return isOverdue(state, seen.nowMs)
        ? { code: "unanswered", tone: "soon", text: overdueText(state, seen) }
        : { code: "requesting", tone: "neutral", text: m.remote_requesting() };
    case "unanswered":
      return { code: "unanswered", tone: "soon", text: overdueText(state, seen) };
    case "denied": {
      const guide = DENIAL_GUIDES[state.reasons[0] ?? "NO_BASIS"][seen.language];
      return { code: "denied", tone: "urgent", text: `${m.remote_denied()} ${guide.sentence}` };
    }
    case "refused":
      return { code: "refused", tone: "urgent", text: refusalText(state.code) };
    case "followed":
      return outcomeWords(state.operation, seen);
  }
}

function overdueText({ notAfterMs }: PressLife, { nowMs, language }: Seen): string {
  const until = { time: timeText(notAfterMs, language) };
  return nowMs > notAfterMs ? m.remote_counted(until) : m.remote_counts(until);
}

/** An opening that the hub follows. Open is said only where every door has said so itself. */
export function outcomeWords(operation: OpeningOperation, seen: Seen): OperationWords {
  const doors = doorsOf(operation);
  const failed = unopened(doors);
  if (failed === undefined) return openedWords(doors, seen);
  if (!isOver(operation)) {
    if (!seen.isLive || seen.isLost) return { code: "unknown-here", tone: "soon", text: m.remote_unknown_here() };
    return { code: "running", tone: "neutral", text: m.remote_running() };
  }
  const opened = doors.filter(({ stage }) => stage === "opened").length;
  const counted = { opened, count: doors.length };
  if (failed.stage === "unknown") {
    return { code: "unknown", tone: "soon", text: m.remote_unknown({ ...counted, door: seen.nameOf(failed.lockId) }) };
  }
  const { text } = stageWords(failed, seen.isSilent(failed.lockId));
  const why = doors.length === 1 ? sentence(text) : `${seen.nameOf(failed.lockId)}: ${text}.`;
  return {
    ...{ code: "stopped", tone: "urgent", text: m.remote_stopped({ ...counted, why }) },
    ...(failed.stage === "jammed" && { nextStep: m.remote_next_jammed() }),
  };
}

function openedWords(doors: readonly OpeningDoor[], { timesOf, language }: Seen): OperationWords {
  const last = doors.at(-1);
  const { openedAtMs, lockedAtMs } = last === undefined ? {} : timesOf(last);
  if (openedAtMs === undefined) return { code: "opened", tone: "ok", text: m.remote_opened() };
  const time = timeText(openedAtMs, language);
  if (lockedAtMs === undefined) return { code: "opened", tone: "ok", text: m.remote_opened_at({ time }) };
  const locked = timeText(lockedAtMs, language);
  return { code: "opened", tone: "neutral", text: m.remote_opened_and_locked({ time, locked }) };
}

/** Where one door stands, in words. `isSilent`: its lock is, which is why nothing was tried there. */
export function stageWords(
  { stage, detail }: Pick<OpeningDoor, "stage" | "detail">,
  isSilent = false,
): { tone: Tone; text: string } {
  const { tone, text } = WORDS[stage];
  if (stage === "not-tried" && isSilent) return { tone, text: m.remote_stage_not_tried_silent() };
  const hasWhy = detail !== null && (stage === "abandoned" || stage === "rejected");
  return { tone, text: hasWhy ? `${text()}: ${whyText(detail)}` : text() };
}

function sentence(text: string): string {
  return `${text.charAt(0).toLocaleUpperCase("da")}${text.slice(1)}.`;
}

const WORDS: Readonly<Record<DoorStage, { readonly tone: Tone; readonly text: () => string }>> = {
  waiting: { tone: "neutral", text: m.remote_stage_waiting },
  preparing: { tone: "neutral", text: m.remote_stage_preparing },
  sent: { tone: "neutral", text: m.remote_stage_sent },
  accepted: { tone: "neutral", text: m.remote_stage_accepted },
  moving: { tone: "neutral", text: m.remote_stage_moving },
  opened: { tone: "ok", text: m.remote_stage_opened },
  jammed: { tone: "urgent", text: m.remote_stage_jammed },
  rejected: { tone: "urgent", text: m.remote_stage_rejected },
  expired: { tone: "urgent", text: m.remote_stage_expired },
  abandoned: { tone: "urgent", text: m.remote_stage_abandoned },
  unknown: { tone: "soon", text: m.remote_stage_unknown },
  "not-tried": { tone: "neutral", text: m.remote_stage_not_tried },
};

const REFUSALS: Readonly<Record<string, () => string>> = {
  RATE_LIMITED: m.ui_rate_limited,
  TOO_LATE: m.remote_refused_too_late,
  LOCK_OFFLINE: m.remote_refused_offline,
  LOCK_UNREACHABLE: m.remote_refused_offline,
  NEEDS_SECOND_PERSON: m.remote_refused_second_person,
  FORBIDDEN: m.remote_refused_forbidden,
  NOT_FOUND: m.remote_refused_forbidden,
  SESSION_EXPIRED: m.remote_refused_session,
  UNAUTHENTICATED: m.remote_refused_session,
  JOURNAL_UNAVAILABLE: m.remote_refused_unavailable,
  REASON_MISSING: m.remote_refused_reason,
};

/** Why the hub opened nothing. */
export function refusalText(code: string): string {
  return REFUSALS[code]?.() ?? m.remote_refused();
}
