import { m } from "#messages";
import type { Way, WayDoor } from "../path/way.ts";

/** Of a door of whose lock nothing is shown: whether it has none, or one that the viewer isn't shown. */
export function unseenLockText({ lock }: Pick<WayDoor, "lock">): string {
  return lock === null ? m.passport_no_lock() : m.passport_lock_unseen_short();
}

/** Why there is no verdict: a way without locks, or none that the viewer is shown. */
export function unjudgedText({ doors }: Pick<Way, "doors">): string {
  return doors.every(({ lock }) => lock === null) ? m.passport_nothing_to_judge() : m.passport_locks_unseen();
}
