import { z } from "zod";
import type { Instant } from "../kernel/clock.ts";
import type { LockEntry } from "./event-entry.ts";

/** A bolt that the motor is driving is neither here nor there. */
const MOVING = ["withdrawing", "throwing"] as const;

/** How long a motor may run before its lock must have said where the bolt stands: twice the slowest motor seen. */
export const MOVE_MS_MAX = 15_000;

const fact = <Values extends readonly [string, ...string[]]>(values: Values) =>
  z.object({ value: z.enum(values), at: z.number().nullable() });

/**
 * What signed events have said of a lock. Each fact has its own time (`at`, when the hub heard of it; null while
 * unknown). Never set by telemetry, never assumed.
 */
export const LockState = z.object({
  bolt: fact(["thrown", "withdrawn", "between", "unknown", ...MOVING]),
  latch: fact(["extended", "retracted", "unknown"]),
  door: fact(["open", "closed", "unknown"]),
  jammedAt: z.number().nullable(),
  tamperedAt: z.number().nullable(),
  restartedAt: z.number().nullable(),
  lostEvents: z.number(),
  /** When it last lost some. Absent in states that were stored before it was kept. */
  lostAt: z.number().nullable().default(null),
  batteryLoadMillivolts: z.number().nullable(),
});
/** See {@link LockState}. */
export type LockState = z.infer<typeof LockState>;

/** A bolt's place, or the way it is going. */
export type BoltState = LockState["bolt"]["value"];

const unknown = { value: "unknown", at: null } as const;

/** A lock that nothing is known of. */
export const UNKNOWN_LOCK: LockState = {
  bolt: unknown,
  latch: unknown,
  door: unknown,
  jammedAt: null,
  tamperedAt: null,
  restartedAt: null,
  lostEvents: 0,
  lostAt: null,
  batteryLoadMillivolts: null,
};

function known<Value extends string>(value: Value, at: Instant): { value: Value; at: number | null } {
  return { value, at: value === "unknown" ? null : at };
}

type Facts = Extract<LockEntry, { kind: "lock.reported" }>["data"]["facts"];

function withFacts(state: LockState, { bolt, latch, door }: Facts, at: Instant): LockState {
  // A bolt that stands where it should is no longer jammed: somebody freed it while the lock had no power.
  const jammedAt = bolt === "thrown" || bolt === "withdrawn" ? null : state.jammedAt;
  return { ...state, jammedAt, bolt: known(bolt, at), latch: known(latch, at), door: known(door, at) };
}

/**
 * The state after one more of a lock's events. A fact's time is when it happened by the lock's trusted clock, else when
 * the hub heard it. Pure: every hub that reads the same entries has the same state.
 */
export function advancedLock(state: LockState, entry: LockEntry): LockState {
  const at = entry.occurredAt;
  switch (entry.kind) {
    case "lock.restarted":
      return { ...withFacts(state, entry.data.facts, at), restartedAt: at };
    case "lock.reported":
      return withFacts(state, entry.data.facts, at);
    case "lock.moving":
      return { ...state, bolt: { value: entry.data.towards === "withdrawn" ? "withdrawing" : "throwing", at } };
    case "lock.moved":
      return {
        ...state,
        bolt: known(entry.data.bolt, at),
        latch: known(entry.data.latch, at),
        jammedAt: entry.data.bolt === "between" ? (state.jammedAt ?? at) : null,
        batteryLoadMillivolts: entry.data.batteryLoadMillivolts ?? state.batteryLoadMillivolts,
      };
    case "lock.jammed":
      return { ...state, bolt: { value: "between", at }, jammedAt: state.jammedAt ?? at };
    case "lock.door":
      return { ...state, door: known(entry.data.door, at) };
    case "lock.tampered":
      return { ...state, tamperedAt: at };
    case "lock.lost":
      // Whatever happened in between, nobody will ever say; what was known before may not be so any more.
      return {
        ...state,
        bolt: unknown,
        latch: unknown,
        door: unknown,
        lostEvents: state.lostEvents + (entry.data.sequence - entry.data.from + 1),
        lostAt: at,
      };
    case "lock.accepted":
    case "lock.entry":
    case "lock.refused":
    case "lock.holds":
      return state;
  }
}

/** The state as of now: a bolt that has been moving for too long is unknown, not forever moving. */
export function settleOverdue(state: LockState, now: Instant): LockState {
  const moving = state.bolt.value === "withdrawing" || state.bolt.value === "throwing";
  const overdue = moving && state.bolt.at !== null && now - state.bolt.at > MOVE_MS_MAX;
  return overdue ? { ...state, bolt: unknown } : state;
}
