import { m } from "#messages";
import { capital } from "../format/capital.ts";
import { kindText } from "../locks/kind-text.ts";
import type { Tone } from "../ui/tone.ts";
import type { LockFacts } from "./documents.ts";

/** A fact in words. Neither word is ever put where the lock has said nothing. */
export interface FactWords {
  readonly value: string;
  readonly tone: Tone;
}

type Value = LockFacts["bolt"]["value"];

/** The bolt: whether the door is locked. */
export function boltWords(value: Value): FactWords {
  switch (value) {
    case "THROWN":
      return { value: m.passport_bolt_thrown(), tone: "ok" };
    case "WITHDRAWN":
      return { value: m.passport_bolt_withdrawn(), tone: "soon" };
    case "THROWING":
      return { value: m.passport_bolt_throwing(), tone: "neutral" };
    case "WITHDRAWING":
      return { value: m.passport_bolt_withdrawing(), tone: "neutral" };
    case "BETWEEN":
      return { value: m.passport_bolt_between(), tone: "urgent" };
    default:
      return { value: m.passport_unknown(), tone: "neutral" };
  }
}

/** The latch: whether a closed door can be pushed open. */
export function latchWords(value: Value): FactWords {
  if (value === "EXTENDED") return { value: m.passport_latch_extended(), tone: "neutral" };
  if (value === "RETRACTED") return { value: m.passport_latch_retracted(), tone: "soon" };
  return { value: m.passport_unknown(), tone: "neutral" };
}

/** The door leaf. */
export function doorWords(value: Value): FactWords {
  if (value === "CLOSED") return { value: m.passport_door_closed(), tone: "neutral" };
  if (value === "OPEN") return { value: m.passport_door_open(), tone: "soon" };
  return { value: m.passport_unknown(), tone: "neutral" };
}

/** What kind of door it is, as a heading: gate, stairwell, home. */
export function doorKindText(kind: string): string {
  return capital(kindText(kind));
}
