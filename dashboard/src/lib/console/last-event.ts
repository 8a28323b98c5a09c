import { m } from "#messages";
import type { Tone } from "../ui/index.ts";
import type { HitLock } from "./documents.ts";

/** The last event at a lock, as its page tells it. */
export type LastEvent = HitLock["lastEvents"][number];

/** What happened last, in a word: why stands on the lock's own page. */
export function lastEventWords({ __typename }: Pick<LastEvent, "__typename">): {
  readonly tone: Tone;
  readonly glyph: string;
  readonly word: string;
} {
  switch (__typename) {
    case "DoorOpened":
    case "PermitUsed":
      return { tone: "neutral", glyph: "✓", word: m.live_opened() };
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
      return { tone: "urgent", glyph: "✕", word: m.console_not_opened() };
    case "DoorLeafMoved":
    case "DoorMoved":
    case "EventsLost":
      return { tone: "neutral", glyph: "·", word: m.console_other_event() };
  }
}
