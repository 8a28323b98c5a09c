import { newEntry, type NewEntry } from "../journal/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Tables } from "../kernel/database.ts";
import { newId } from "../kernel/ids.ts";
import type { Random } from "../kernel/random.ts";

/** Ends every session of these persons and credentials in the caller's transaction; answers the sessions' keys. */
export type EndSessions = (
  tables: Tables,
  whose: { readonly persons: readonly number[]; readonly credentials: readonly number[] },
) => Promise<readonly number[]>;

/** Sessions that one entry names at most; the rest follow in further ones. */
const SESSIONS_PER_ENTRY_MAX = 512;

/** The entries that tell every hub which sessions ended because their persons left. */
export function endedSessionEntries(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  { tenant, sessions }: { readonly tenant: number; readonly sessions: readonly number[] },
): NewEntry[] {
  const entries: NewEntry[] = [];
  for (let at = 0; at < sessions.length; at += SESSIONS_PER_ENTRY_MAX) {
    const data = { sessions: sessions.slice(at, at + SESSIONS_PER_ENTRY_MAX), cause: "CLOSED" as const };
    entries.push(newEntry("session.ended", { entryId: newId(random), occurredAt: clock.now(), tenant, data }));
  }
  return entries;
}
