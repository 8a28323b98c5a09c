/** A press counts for so long: whoever presses is on the telephone with somebody at the door, or stands there. */
export const PRESS_COUNTS_MS = 10_000;

/** The hub answers within a second or two; what takes longer is told, and not left to be guessed at. */
export const ANSWER_EXPECTED_MS = 3_000;

/** When a press was made and until when it counts, both by the hub's time, in milliseconds. */
export interface PressLife {
  readonly pressedAtMs: number;
  readonly notAfterMs: number;
}

/** The life of a press that is made now. */
export function pressLife(hubMs: number): PressLife {
  return { pressedAtMs: hubMs, notAfterMs: hubMs + PRESS_COUNTS_MS };
}

/** The end of a press as the API takes it. */
export function notAfterOf({ notAfterMs }: PressLife): string {
  return new Date(notAfterMs).toISOString();
}

/** Whether an answer is overdue. */
export function isOverdue({ pressedAtMs }: PressLife, nowMs: number): boolean {
  return nowMs - pressedAtMs > ANSWER_EXPECTED_MS;
}

/** Whether a code tells what became of a press that was asked for before; any other tells only of the asking. */
export function saysWhatBecame(code: string): boolean {
  return code === "TOO_LATE" || code === "LOCK_OFFLINE";
}
