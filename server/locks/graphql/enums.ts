import type { PortnerBuilder } from "../../identity/index.ts";
import type { BoltState } from "../lock-state.ts";
import type { Freshness } from "../fleet.ts";
import { LOCK_PROBLEMS } from "../lock-problem.ts";

/** A value of any of the three facts. */
export type FactValue = BoltState | "extended" | "retracted" | "open" | "closed";

const FACT_VALUES: Readonly<
  Record<Uppercase<FactValue>, { readonly value: FactValue; readonly description?: string }>
> = {
  UNKNOWN: { value: "unknown" },
  THROWN: { value: "thrown", description: "Bolt: locked." },
  WITHDRAWN: { value: "withdrawn", description: "Bolt: unlocked." },
  BETWEEN: { value: "between", description: "Bolt: neither end; jammed or stopped." },
  WITHDRAWING: { value: "withdrawing", description: "Bolt: the motor is unlocking." },
  THROWING: { value: "throwing", description: "Bolt: the motor is locking." },
  EXTENDED: { value: "extended", description: "Latch: holds a closed door." },
  RETRACTED: { value: "retracted", description: "Latch: the door can be pushed open." },
  OPEN: { value: "open", description: "Door leaf." },
  CLOSED: { value: "closed", description: "Door leaf." },
};

const FRESHNESS: Readonly<Record<Uppercase<Freshness>, { readonly value: Freshness; readonly description: string }>> = {
  LIVE: { value: "live", description: "Heard within one and a half heartbeats." },
  LATE: { value: "late", description: "A heartbeat is missing." },
  SILENT: { value: "silent", description: "Three heartbeats are missing." },
  NEVER: { value: "never", description: "No word since it was commissioned." },
};

/** Adds the enums of locks. */
export function addLockEnums(builder: PortnerBuilder) {
  return {
    FactValueRef: builder.enumType("FactValue", { values: FACT_VALUES }),
    FreshnessStateRef: builder.enumType("FreshnessState", { values: FRESHNESS }),
    LockProblemCodeRef: builder.enumType("LockProblemCode", { values: LOCK_PROBLEMS }),
  };
}

/** See {@link addLockEnums}. */
export type LockEnums = ReturnType<typeof addLockEnums>;
