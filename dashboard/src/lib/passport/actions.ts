import { ROLE_NAMES } from "@portner/schema/people";
import { m } from "#messages";
import type { Language } from "../format/language.ts";
import type { Way } from "../path/way.ts";
import type { PassportLock } from "./passport.svelte.ts";

/** Why the door that a page is about is not opened from here by this viewer; `undefined` where it is. */
export function whyNotOpened(
  { focus }: Pick<Way, "focus">,
  locks: ReadonlyMap<string, Pick<PassportLock, "inService" | "remoteOpening">>,
  language: Language,
): string | undefined {
  if (focus === undefined) return m.passport_open_no_lock();
  const lock = locks.get(focus);
  if (lock === undefined) return m.passport_open_unseen();
  const { remoteOpening, inService } = lock;
  if (!inService) return m.passport_open_no_lock();
  if (remoteOpening === null || remoteOpening.setting === "OFF") return m.passport_open_off();
  const who = remoteOpening.roles.flatMap((role) => nameOf(role, language)).join(", ");
  if (remoteOpening.leave === "NO") return m.passport_open_not_you({ who });
  return remoteOpening.leave === "NEEDS_SECOND_PERSON" ? m.passport_open_two_persons() : undefined;
}

function nameOf(letter: string, language: Language): readonly string[] {
  const found = Object.entries(ROLE_NAMES).find(([role]) => role === letter);
  return found === undefined ? [] : [found[1][language]];
}
