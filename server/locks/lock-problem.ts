import type { Instant } from "../kernel/clock.ts";
import type { BoardEntry } from "./fleet.ts";

/** What can be wrong with a lock, the most urgent first. */
export const LOCK_PROBLEMS = [
  "JAMMED",
  "QUARANTINED",
  "TAMPERED",
  "NEVER_HEARD",
  "SILENT",
  "FACTS_DOUBTFUL",
  "CLOCK_UNTRUSTED",
  "LOW_BATTERY",
  "EVENTS_LOST",
] as const;
/** See {@link LOCK_PROBLEMS}. */
export type LockProblemCode = (typeof LOCK_PROBLEMS)[number];

/** Idle voltage of four AA cells from which a change is due soon: weeks of use are left, and cells sag in the cold. */
export const BATTERY_IDLE_MILLIVOLTS_LOW = 4_900;
/** Voltage under load from which the motor may fail at any opening: it stands still at about 3,800. */
export const BATTERY_LOAD_MILLIVOLTS_LOW = 4_100;
/** How long a lock that was tampered with, or lost events, shows it: a week of office days to look at it. */
const SHOWN_MS = 7 * 86_400_000;

/** A problem of a lock. `since` is null where the hub can't know it. */
export interface LockProblem {
  readonly code: LockProblemCode;
  readonly since: Instant | null;
}

/** What each problem means, for people. */
export const LOCK_PROBLEM_SENTENCES: Readonly<Record<LockProblemCode, { readonly da: string; readonly en: string }>> = {
  JAMMED: {
    da: "Låsen sidder fast: riglen nåede ikke i mål.",
    en: "The lock is jammed: the bolt did not get all the way.",
  },
  QUARANTINED: {
    da: "Låsen opfører sig forkert og er sat i karantæne.",
    en: "The lock misbehaves and is quarantined.",
  },
  TAMPERED: { da: "Nogen har forsøgt at pille ved låsen.", en: "Somebody has tampered with the lock." },
  NEVER_HEARD: { da: "Låsen har aldrig meldt sig.", en: "The lock has never been heard." },
  SILENT: { da: "Låsen melder sig ikke.", en: "The lock is silent." },
  FACTS_DOUBTFUL: {
    da: "Låsens seneste måling siger noget andet end dens hændelser.",
    en: "The lock's last reading says something else than its events.",
  },
  CLOCK_UNTRUSTED: { da: "Låsens ur er ikke til at stole på.", en: "The lock's clock can't be trusted." },
  LOW_BATTERY: { da: "Batterierne skal snart skiftes.", en: "The batteries are due for a change." },
  EVENTS_LOST: { da: "Låsen har mistet hændelser.", en: "The lock has lost events." },
};

/** A lock as its problems are found. */
export interface ExaminedLock {
  readonly board: BoardEntry | undefined;
  readonly inService: boolean;
  readonly quarantinedAt: Instant | null;
}

/** Everything that is wrong with a lock now, the most urgent first; nothing for a place without a unit. */
export function problemsOf({ board, inService, quarantinedAt }: ExaminedLock, now: Instant): readonly LockProblem[] {
  if (!inService) return [];
  const found: LockProblem[] = quarantinedAt === null ? [] : [{ code: "QUARANTINED", since: quarantinedAt }];
  if (board === undefined || board.freshness === "never") found.push({ code: "NEVER_HEARD", since: null });
  else found.push(...problemsOnBoard(board, now));
  return found.toSorted((a, b) => LOCK_PROBLEMS.indexOf(a.code) - LOCK_PROBLEMS.indexOf(b.code));
}

function problemsOnBoard(board: BoardEntry, now: Instant): LockProblem[] {
  const { state, telemetry, heardAt = null } = board;
  const recent = (at: Instant | null): boolean => at !== null && now - at < SHOWN_MS;
  // A heartbeat says how it is now, and not since when.
  const checks: readonly (readonly [LockProblemCode, boolean, Instant | null])[] = [
    ["JAMMED", state.jammedAt !== null, state.jammedAt],
    ["TAMPERED", recent(state.tamperedAt), state.tamperedAt],
    ["SILENT", board.freshness === "silent", heardAt],
    ["FACTS_DOUBTFUL", board.doubtful, null],
    ["CLOCK_UNTRUSTED", telemetry?.clockTrusted === false, null],
    ["LOW_BATTERY", isBatteryLow(board), null],
    ["EVENTS_LOST", recent(state.lostAt), state.lostAt],
  ];
  return checks.flatMap(([code, present, since]) => (present ? [{ code, since }] : []));
}

function isBatteryLow({ state, telemetry }: BoardEntry): boolean {
  const load = telemetry?.batteryLoadMillivolts ?? state.batteryLoadMillivolts;
  const idle = telemetry?.batteryIdleMillivolts;
  return (
    (idle !== undefined && idle < BATTERY_IDLE_MILLIVOLTS_LOW) || (load !== null && load < BATTERY_LOAD_MILLIVOLTS_LOW)
  );
}
