import type { Tone } from "../ui/tone.ts";
import type { LockRow } from "./list-documents.ts";

/** What is wrong with a lock, as the API calls it. */
export type ProblemCode = LockRow["problems"][number]["code"];

/** As the hub's verdict has them: urgent is what keeps somebody outside or may; of what was never heard nothing is known. */
const TONES: Readonly<Record<ProblemCode, Tone>> = {
  JAMMED: "urgent",
  QUARANTINED: "urgent",
  TAMPERED: "urgent",
  SILENT: "urgent",
  CLOCK_UNTRUSTED: "soon",
  EVENTS_LOST: "soon",
  FACTS_DOUBTFUL: "soon",
  LOW_BATTERY: "soon",
  NEVER_HEARD: "neutral",
};

/** Tone of a problem, the same wherever it is shown. */
export function problemTone(code: ProblemCode): Tone {
  return TONES[code];
}
