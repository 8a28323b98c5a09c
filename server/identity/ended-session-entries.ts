import { SESSIONS_PER_ENTRY_MAX, type EntryData } from "@portner/schema/journal";
import { newEntry, type NewEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

/** Sessions that ended together, and why. */
export interface EndedSessions {
  readonly tenant: number;
  readonly sessions: readonly number[];
  readonly cause: EntryData["session.ended"]["cause"];
  readonly actor?: number | undefined;
}

/** The entries that tell every hub which sessions ended, as many as it takes. */
export function endedSessionEntries(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { tenant, sessions, cause, actor }: EndedSessions,
): NewEntry[] {
  const entries: NewEntry[] = [];
  for (let at = 0; at < sessions.length; at += SESSIONS_PER_ENTRY_MAX) {
    const data = { sessions: sessions.slice(at, at + SESSIONS_PER_ENTRY_MAX), cause };
    entries.push(newEntry("session.ended", { entryId: newId(random), occurredAt: clock.now(), tenant, actor, data }));
  }
  return entries;
}
