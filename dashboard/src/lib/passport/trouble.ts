import type { Language } from "../format/language.ts";
import { doorKindText } from "../path/fact-words.ts";
import type { Way } from "../path/way.ts";
import type { PassportLock } from "./passport.svelte.ts";

/** Problems with which a door does not open for somebody who may enter. */
const IN_THE_WAY: ReadonlySet<string> = new Set(["JAMMED", "QUARANTINED", "NEVER_HEARD", "SILENT"]);

/** What keeps the first door of a way shut that has such a problem, in a sentence; undefined where none has. */
export function troubleOf(
  { doors }: Pick<Way, "doors">,
  locks: ReadonlyMap<string, PassportLock>,
  language: Language,
): string | undefined {
  for (const { kind, lock } of doors) {
    const problem = locks.get(lock?.id ?? "")?.problems.find(({ code }) => IN_THE_WAY.has(code));
    if (problem !== undefined) return `${doorKindText(kind)}: ${problem.sentence[language]}`;
  }
  return undefined;
}
