import { m } from "#messages";
import { ageText } from "../format/age.ts";
import type { Language } from "../format/language.ts";
import type { WayLock } from "../path/documents.ts";
import { doorKindText } from "../path/fact-words.ts";
import type { WayDoor } from "../path/way.ts";

/** Whether the hub sends a lock nothing, because nobody hears it. */
export function isUnheard(lock: Pick<WayLock, "freshness"> | undefined): boolean {
  const state = lock?.freshness.state;
  return state === "SILENT" || state === "NEVER";
}

/** What is said before a door is opened whose lock is silent: the hub sends such a lock nothing. Absent where it is heard. */
export function silenceText(
  { kind }: Pick<WayDoor, "kind">,
  lock: Pick<WayLock, "freshness"> | undefined,
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
): string | undefined {
  const door = doorKindText(kind);
  if (lock === undefined || !isUnheard(lock)) return undefined;
  const { state, heardAt } = lock.freshness;
  if (state === "NEVER" || heardAt === null) return m.remote_warn_never({ door });
  return m.remote_warn_silent({ door, age: ageText(nowMs - Date.parse(heardAt), language) });
}
