import { m } from "#messages";
import { DENIAL_GUIDES } from "@portner/schema/access";
import type { Language } from "../format/language.ts";
import { wholeText } from "../format/number.ts";
import { leafWords } from "./leaf-words.ts";
import { whyText } from "./why-words.ts";
import type { Tone } from "../ui/tone.ts";
import type { FeedEvent } from "./documents.ts";

/** An event in words: what it is, and what else is to be known of it. */
export interface EventWords {
  readonly tone: Tone;
  readonly glyph: string;
  readonly word: string;
  /** Why, how, or how much; empty where the word says it all. */
  readonly detail: string;
  /** What to do next; denials have one. */
  readonly nextStep?: string;
}

type Name = FeedEvent["__typename"];
type Plain = Exclude<Name, "DoorDenied" | "CommandSettled" | "RefusedAtDoor" | "DoorLeafMoved">;

const PLAIN: Readonly<Record<Plain, { tone: Tone; glyph: string; word: () => string }>> = {
  DoorOpened: { tone: "ok", glyph: "✓", word: m.live_opened },
  DoorLocked: { tone: "neutral", glyph: "■", word: m.live_locked },
  DoorMoved: { tone: "soon", glyph: "?", word: m.live_moved },
  DoorJammed: { tone: "urgent", glyph: "▲", word: m.live_jammed },
  PermitUsed: { tone: "ok", glyph: "✓", word: m.live_permit_used },
  LockRestarted: { tone: "neutral", glyph: "↻", word: m.live_restarted },
  EventsLost: { tone: "soon", glyph: "…", word: m.live_events_lost },
  LockTampered: { tone: "urgent", glyph: "▲", word: m.live_tampered },
  LockQuarantined: { tone: "urgent", glyph: "⊘", word: m.live_quarantined },
  LockReleased: { tone: "neutral", glyph: "○", word: m.live_released },
};

const CAUSES: Readonly<Record<string, () => string>> = {
  commissioned: m.live_cause_commissioned,
  power: m.live_cause_power,
  update: m.live_cause_update,
  watchdog: m.live_cause_watchdog,
  cover: m.live_what_cover,
  force: m.live_what_force,
  battery: m.live_what_battery,
  SEQUENCE_JUMP: m.live_cause_sequence_jump,
  CONTENT_CONFLICT: m.live_cause_content_conflict,
  BOOT_REVERSED: m.live_cause_boot_reversed,
  FLOOD: m.live_cause_flood,
};

/** Refusals after which the lock offers a challenge of its own, and the hub sends the command anew with it. */
const ASKS_BACK: ReadonlySet<string> = new Set(["BAD_CHALLENGE", "CLOCK_UNTRUSTED"]);

function causeText(code: string): string {
  return CAUSES[code]?.() ?? m.refusal_unknown({ code });
}

/** What an event is called, and what is to be known of it, in the page's language. */
export function wordsOf(event: FeedEvent, language: Language): EventWords {
  switch (event.__typename) {
    case "DoorDenied": {
      const [reason] = event.reasons;
      const detail = reason === undefined ? "" : DENIAL_GUIDES[reason][language].sentence;
      return { tone: "urgent", glyph: "✕", word: m.live_denied(), detail, nextStep: event.nextStep[language] };
    }
    case "CommandSettled":
      return settled(event);
    case "RefusedAtDoor": {
      // The lock asked back before it obeyed, as after a lost line: nobody was refused.
      if (event.counts.every(({ reason }) => ASKS_BACK.has(reason))) {
        return { tone: "neutral", glyph: "↻", word: m.live_asked_back(), detail: "" };
      }
      const detail = event.counts
        .map(({ reason, count }) => `${wholeText(count, language)} × ${whyText(reason)}`)
        .join(", ");
      return { tone: "soon", glyph: "✕", word: m.live_refused_at_door(), detail };
    }
    case "DoorLeafMoved":
      return { ...leafWords(event.position), detail: "" };
    default: {
      const { tone, glyph, word } = PLAIN[event.__typename];
      return { tone, glyph, word: word(), detail: detailOf(event, language) };
    }
  }
}

function detailOf(event: FeedEvent, language: Language): string {
  switch (event.__typename) {
    case "DoorJammed":
      if (event.towards === null) return m.live_towards_unknown();
      return event.towards === "thrown" ? m.live_towards_thrown() : m.live_towards_withdrawn();
    case "EventsLost": {
      const n = event.to - event.from + 1;
      return m.live_lost_count({ n, count: wholeText(n, language) });
    }
    case "LockTampered":
      return causeText(event.what);
    case "LockRestarted":
    case "LockQuarantined":
      return causeText(event.cause);
    default:
      return "";
  }
}

function settled({ state, detail }: Extract<FeedEvent, { __typename: "CommandSettled" }>): EventWords {
  const why = detail === null ? "" : whyText(detail);
  switch (state) {
    case "ABANDONED":
      return { tone: "soon", glyph: "✕", word: m.live_command_abandoned(), detail: why };
    case "REJECTED":
      return { tone: "urgent", glyph: "✕", word: m.live_command_rejected(), detail: why };
    case "EXPIRED":
      return { tone: "soon", glyph: "◌", word: m.live_command_expired(), detail: why };
    default:
      return { tone: "soon", glyph: "?", word: m.live_command_unknown(), detail: why };
  }
}

const VIAS: Readonly<Record<FeedEvent["performedVia"], () => string>> = {
  PHONE: m.live_via_phone,
  REMOTE: m.live_via_remote,
  DOOR: m.live_via_door,
  SMARTKEY: m.live_via_smartkey,
  HAND: m.live_via_hand,
  RELOCK: m.live_via_relock,
  LOCK: m.live_via_lock,
  UNKNOWN: m.live_via_unknown,
};

/** By what means; empty where the lock speaks of itself. */
export function viaText({ __typename, performedVia }: Pick<FeedEvent, "__typename" | "performedVia">): string {
  // It tried to, and nobody may read that it did.
  if (__typename === "DoorJammed" && performedVia === "RELOCK") return m.live_via_relocking();
  return performedVia === "LOCK" ? "" : VIAS[performedVia]();
}

/** Characters of a pseudonym that tell people on one screen apart. */
const PSEUDONYM_SHOWN = 8;

/** Who is behind it, as the API lets the viewer know: user id, name where there is no id, or a pseudonym. */
export function whoText({ actor }: Pick<FeedEvent, "actor">): string {
  return actor?.employeeId ?? actor?.name ?? actor?.pseudonym?.slice(0, PSEUDONYM_SHOWN) ?? "";
}
