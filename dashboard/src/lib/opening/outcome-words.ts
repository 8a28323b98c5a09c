import { m } from "#messages";
import type { Tone } from "../ui/tone.ts";
import type { OpeningOperation } from "./documents.ts";
import { doorsOf, type DoorStage, type OpeningDoor } from "./stage.ts";
import { whyText } from "../feed/why-words.ts";

/** What is said of an opening as a whole. */
export interface OutcomeWords {
  readonly code: "running" | "unknown-here" | "opened" | "stopped";
  readonly tone: Tone;
  readonly text: string;
}

/** How the page stands to what it shows. */
export interface Seen {
  readonly isLive: boolean;
  /** The hub has ended the subscription before the opening ended. */
  readonly isLost: boolean;
}

/** An opening in a sentence. Open is said only where every door has said so itself. */
export function outcomeWords(operation: OpeningOperation, { isLive, isLost }: Seen): OutcomeWords {
  const doors = doorsOf(operation);
  const count = doors.length;
  if (doors.every(({ stage }) => stage === "opened")) {
    return { code: "opened", tone: "ok", text: m.remote_opened() };
  }
  if (operation.outcome === "running") {
    if (!isLive || isLost) return { code: "unknown-here", tone: "soon", text: m.remote_unknown_here() };
    return { code: "running", tone: "neutral", text: m.remote_running() };
  }
  const failed = doors.find(({ stage }) => stage !== "opened");
  const opened = doors.filter(({ stage }) => stage === "opened").length;
  const why = failed === undefined ? "" : sentence(stageWords(failed).text);
  return { code: "stopped", tone: "urgent", text: m.remote_stopped({ opened, count, why }) };
}

/** Where one door stands, in words. */
export function stageWords({ stage, detail }: Pick<OpeningDoor, "stage" | "detail">): { tone: Tone; text: string } {
  const { tone, text } = WORDS[stage];
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
