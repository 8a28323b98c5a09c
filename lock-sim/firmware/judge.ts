import {
  CLOCK_SKEW_MS_MAX,
  COMMAND_LIFE_MS_MAX,
  REMEMBERED_COMMANDS_MAX,
  type AnswerMessage,
  type CommandMessage,
  type RefusalReason,
} from "@portner/schema/mqtt";
import type { Challenges } from "./challenges.ts";
import { isDenied } from "./deny-list.ts";
import type { Flash } from "./flash.ts";
import type { LockTime } from "./lock-time.ts";

/** A command, by whichever channel it came: an allowing answer is one in every respect. */
export type Order = CommandMessage | Extract<AnswerMessage, { kind: "allow" }>;

/** Commands whose ids may be forgotten were decided at least this long ago: their life and the skew at both ends, in milliseconds. */
export const FORGET_AFTER_MS = COMMAND_LIFE_MS_MAX + 2 * CLOCK_SKEW_MS_MAX;

interface Deps {
  readonly flash: Flash;
  readonly time: LockTime;
  readonly challenges: Challenges;
  /** Whether the motor can take another run soon enough. */
  readonly hasRoom: () => boolean;
}

/** The highest floor the lock may raise itself to now: never on a clock it does not trust. */
export function nextFloor(deps: { readonly flash: Flash; readonly time: LockTime }): number {
  const { flash, time } = deps;
  return time.isTrusted() ? Math.max(flash.floor, time.now() - FORGET_AFTER_MS) : flash.floor;
}

/**
 * The second half of the checks on an authentic command, in their order: life → time or own challenge → denied → seen
 * → floor → room. `undefined` when nothing stands against it. A challenge is spent by looking at it.
 */
export function judge(order: Order, deps: Deps): RefusalReason | undefined {
  const { flash } = deps;
  if (order.exp - order.iat > COMMAND_LIFE_MS_MAX) return "LIFE_TOO_LONG";
  const untimely = order.challenge === undefined ? checkTime(order, deps.time) : checkChallenge(order, deps.challenges);
  if (untimely !== undefined) return untimely;
  if (isDenied(flash.deny.entries, order)) return "DENIED";
  if (flash.isUsed(order.id)) return "REPEATED";
  if (order.iat <= flash.floor) return "BELOW_FLOOR";
  const isFull =
    flash.usedCount >= REMEMBERED_COMMANDS_MAX && flash.usedAbove(nextFloor(deps)) >= REMEMBERED_COMMANDS_MAX;
  return isFull || !deps.hasRoom() ? "MEMORY_FULL" : undefined;
}

function checkTime(order: Order, time: LockTime): RefusalReason | undefined {
  if (!time.isTrusted()) return "CLOCK_UNTRUSTED";
  const now = time.now();
  if (now < order.iat - CLOCK_SKEW_MS_MAX) return "NOT_YET_VALID";
  return now > order.exp + CLOCK_SKEW_MS_MAX ? "EXPIRED" : undefined;
}

function checkChallenge(order: Order, challenges: Challenges): RefusalReason | undefined {
  const { challenge = "" } = order;
  if (!("kind" in order)) return challenges.spend(challenge, "command") === undefined ? "BAD_CHALLENGE" : undefined;
  const asked = challenges.spend(challenge, "credential")?.purpose;
  return asked?.cred === order.cred ? undefined : "BAD_CHALLENGE";
}
