import { m } from "#messages";
import { ageText } from "../format/age.ts";
import type { Language } from "../format/language.ts";
import type { WayLock } from "../path/documents.ts";
import { doorKindText } from "../path/fact-words.ts";
import type { WayDoor } from "../path/way.ts";

/** What is said before a door is opened whose lock is silent: the hub sends such a lock nothing. Absent where it is heard. */
export function silenceText(
  { kind }: Pick<WayDoor, "kind">,
  lock: Pick<WayLock, "freshness"> | undefined,
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
): string | undefined {
  const door = doorKindText(kind);
  const { state, heardAt } = lock?.freshness ?? { state: "LIVE", heardAt: null };
  if (state === "NEVER" || (state === "SILENT" && heardAt === null)) return m.remote_warn_never({ door });
  if (state !== "SILENT" || heardAt === null) return undefined;
  return m.remote_warn_silent({ door, age: ageText(nowMs - Date.parse(heardAt), language) });
}
