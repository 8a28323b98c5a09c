import { m } from "#messages";
import type { Tone } from "../ui/index.ts";
import { leafWords } from "../feed/leaf-words.ts";
import type { HitLock } from "./documents.ts";

/** The last event at a lock, as its page tells it. */
export type LastEvent = HitLock["lastEvents"][number];

/** An event as a word with its look. */
export interface EventWord {
  readonly tone: Tone;
  readonly glyph: string;
  readonly word: string;
}

/** What happened last, in a word: why stands on the lock's own page. */
export function lastEventWords(event: LastEvent): EventWord {
  switch (event.__typename) {
    case "DoorOpened":
      return { tone: "neutral", glyph: "✓", word: m.live_opened() };
    // Accepted at the door; whether the door then opened is told by an event of its own.
    case "PermitUsed":
      return { tone: "neutral", glyph: "✓", word: m.live_permit_used() };
    case "DoorLocked":
      return { tone: "neutral", glyph: "■", word: m.live_locked() };
    case "DoorDenied":
    case "RefusedAtDoor":
      return { tone: "urgent", glyph: "✕", word: m.live_denied() };
    case "DoorJammed":
      return { tone: "urgent", glyph: "▲", word: m.live_jammed() };
    case "LockTampered":
      return { tone: "urgent", glyph: "▲", word: m.live_tampered() };
    case "LockQuarantined":
      return { tone: "urgent", glyph: "⊘", word: m.live_quarantined() };
    case "LockReleased":
      return { tone: "neutral", glyph: "○", word: m.live_released() };
    case "LockRestarted":
      return { tone: "neutral", glyph: "↻", word: m.live_restarted() };
    case "CommandSettled":
      return settledWord(event.state);
    case "DoorLeafMoved":
      return leafWords(event.position);
    case "DoorMoved":
      return { tone: "soon", glyph: "?", word: m.live_moved() };
    case "EventsLost":
      return { tone: "soon", glyph: "…", word: m.live_events_lost() };
  }
}

/** How a command to open ended. Never as more than is known: without the lock's word it is neither opened nor refused. */
function settledWord(state: Extract<LastEvent, { __typename: "CommandSettled" }>["state"]): EventWord {
  switch (state) {
    case "ABANDONED":
      return { tone: "soon", glyph: "✕", word: m.live_command_abandoned() };
    case "REJECTED":
      return { tone: "urgent", glyph: "✕", word: m.live_command_rejected() };
    case "EXPIRED":
      return { tone: "soon", glyph: "◌", word: m.live_command_expired() };
    default:
      return { tone: "soon", glyph: "?", word: m.live_command_unknown() };
  }
}
