import { CHALLENGE_LIFE_MS, CLOCK_SKEW_MS_MAX, type AskMessage } from "@portner/schema/mqtt";
import type { Instant } from "../kernel/clock.ts";
import { SIGN_WITHIN_MS } from "./dispatch.ts";
import type { UnitClock } from "./fleet.ts";

/**
 * A question is decided within this time of being asked, in milliseconds, or not at all: what is decided may be signed
 * so much later that nothing is left of the challenge's life, and then the lock lets nobody in.
 */
export const ASK_DECIDED_WITHIN_MS = CHALLENGE_LIFE_MS - SIGN_WITHIN_MS;

/** Why a question is not answered: nobody waits for the answer any more, or it claims to be from the future. */
export type UntimelyAsk = "TOO_OLD" | "TOO_EARLY";

/**
 * How old a question is at least, in milliseconds, 0 and up; or why it is not answered. A lock whose clock is trusted
 * says so with its heartbeat, and how far it may be wrong; of one whose clock is not, the time since its last heartbeat
 * tells. A challenge dies with the power, so a question of an earlier boot is too old however young.
 */
export function ageOfAsk(
  ask: Pick<AskMessage, "boot" | "at">,
  known: UnitClock,
  now: Instant,
): { readonly ageMs: number } | UntimelyAsk {
  if (ask.boot < known.boot) return "TOO_OLD";
  const ages = possibleAges(ask, known, now);
  const fitting = ages.filter((ageMs) => ageMs >= -CLOCK_SKEW_MS_MAX && ageMs <= ASK_DECIDED_WITHIN_MS);
  if (fitting.length > 0) return { ageMs: Math.max(0, Math.min(...fitting)) };
  return ages.some((ageMs) => ageMs > ASK_DECIDED_WITHIN_MS) ? "TOO_OLD" : "TOO_EARLY";
}

function possibleAges(
  { boot, at }: Pick<AskMessage, "boot" | "at">,
  { telemetry, telemetryAt }: UnitClock,
  now: Instant,
): readonly number[] {
  const byHub = now - at;
  if (telemetry === undefined || telemetryAt === undefined || telemetry.boot !== boot) return [byHub];
  if (telemetry.clockTrusted) return [byHub - Math.min(telemetry.clockErrorMs, CLOCK_SKEW_MS_MAX)];
  // Since that heartbeat it may have been told the time, or may still count on from wherever it stood.
  return [byHub, now - telemetryAt - (at - telemetry.at)];
}
